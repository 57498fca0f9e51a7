#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes scapy_messages.h: IKEv2 messages and chains of payloads made by scapy,
# which shares no line with the code that reads them.
#
#   tests/ike/scapy_messages.py > tests/ike/scapy_messages.h
#   tests/ike/scapy_messages.py tests/fuzz/corpus     the same as seeds
import pathlib
import sys

import scapy.contrib.ikev2 as ike

SPI_I, SPI_R = bytes.fromhex('1112131415161718'), bytes.fromhex('2122232425262728')
NI, NR = bytes(range(0x40, 0x60)), bytes(range(0x60, 0x80))
PUB = bytes(range(0x80, 0xa0))
TYPES = {
    ike.IKEv2_payload_SA: 33, ike.IKEv2_payload_KE: 34, ike.IKEv2_payload_IDi: 35,
    ike.IKEv2_payload_IDr: 36, ike.IKEv2_payload_CERTREQ: 38, ike.IKEv2_payload_AUTH: 39,
    ike.IKEv2_payload_Nonce: 40, ike.IKEv2_payload_Notify: 41, ike.IKEv2_payload_Delete: 42,
    ike.IKEv2_payload_VendorID: 43, ike.IKEv2_payload_TSi: 44, ike.IKEv2_payload_TSr: 45,
    ike.IKEv2_payload_Encrypted_Fragment: 53,
}


def transform(kind, ident, bits=None):
    if bits is None:
        return ike.IKEv2_payload_Transform(transform_type=kind, transform_id=ident)
    return ike.IKEv2_payload_Transform(transform_type=kind, transform_id=ident, length=12, key_length=bits)


def proposal(num, proto, spi, *transforms):
    chain = transform(*transforms[0])
    for t in transforms[1:]:
        chain = chain / transform(*t)
    # a chain of transforms knows which one is the last
    t = chain
    while t.payload:
        t.next_payload = 3
        t = t.payload
    t.next_payload = 0
    return ike.IKEv2_payload_Proposal(proposal=num, proto=proto, SPI=spi, SPIsize=len(spi),
                                      trans_nb=len(transforms), trans=chain)


def sa(*proposals):
    chain = proposals[0]
    for p in proposals[1:]:
        chain = chain / p
    p = chain
    while isinstance(p.payload, ike.IKEv2_payload_Proposal):
        p.next_payload = 2
        p = p.payload
    p.next_payload = 0
    return ike.IKEv2_payload_SA(prop=chain)


def notify(kind, data=b'', proto=0, spi=b''):
    # lengths are given where scapy 2.5 gets them wrong
    return ike.IKEv2_payload_Notify(type=kind, proto=proto, SPI=spi, load=data,
                                    length=8 + len(spi) + len(data))


def header(exchange, flags, ident=0, spi_r=SPI_R):
    return ike.IKEv2(init_SPI=SPI_I, resp_SPI=spi_r, exch_type=exchange, flags=flags, id=ident)


def message(*layers):
    """Header and payloads; scapy 2.5 leaves the next-payload fields to its user."""
    msg = layers[-1]
    for before, after in zip(layers[-2::-1], layers[:0:-1]):
        before.next_payload = TYPES[type(after)]
        msg = before / msg
    if layers[-1].next_payload is None:
        msg[type(layers[-1])].next_payload = 0
    return bytes(msg)


def inner(*payloads):
    """The chain alone: an IKE header is put before it and cut off again."""
    return message(header(35, 'Initiator', 1), *payloads)[28:]


GCM = proposal(1, 1, b'', (1, 20, 256), (1, 28), (2, 5), (4, 31), (4, 19))
CBC = proposal(2, 1, b'', (1, 12, 128), (3, 12), (2, 5), (4, 14))
ESP = proposal(1, 3, bytes.fromhex('c0ffee01'), (1, 20, 128), (5, 0), (5, 1))

MESSAGES = {
    'init_request': message(
        header(34, 'Initiator', spi_r=bytes(8)), sa(GCM, CBC),
        ike.IKEv2_payload_KE(group=31, load=PUB), ike.IKEv2_payload_Nonce(load=NI),
        notify(16388, bytes(range(20))), notify(16389, bytes(range(20, 40))),
        notify(16430), notify(16431, bytes.fromhex('0002000300040005')),
        ike.IKEv2_payload_VendorID(vendorID=b'a stranger')),
    'init_response': message(
        header(34, 'Response'), sa(proposal(1, 1, b'', (1, 28), (2, 5), (4, 31))),
        ike.IKEv2_payload_KE(group=31, load=PUB), ike.IKEv2_payload_Nonce(load=NR),
        ike.IKEv2_payload_CERTREQ(cert_type=4, cert_data=bytes(20))),
    'init_cookie': message(
        header(34, 'Response', spi_r=bytes(8)), notify(16390, b'a cookie of 19 byte')),
    'init_invalid_ke': message(
        header(34, 'Response', spi_r=bytes(8)), notify(17, bytes.fromhex('0013'))),
    'fragment': message(
        header(35, 'Initiator', 1),
        ike.IKEv2_payload_Encrypted_Fragment(next_payload=35, frag_number=1, frag_total=3, load=bytes(40))),
    'inner_auth_request': inner(
        ike.IKEv2_payload_IDi(IDtype=2, ID=b'moon.example.org', length=24),
        ike.IKEv2_payload_CERTREQ(cert_type=4, cert_data=bytes(range(40))),
        ike.IKEv2_payload_IDr(IDtype=5, ID='2001:db8::2', length=24),
        ike.IKEv2_payload_AUTH(auth_type=2, load=bytes(range(32))),
        sa(ESP),
        ike.IKEv2_payload_TSi(traffic_selector=[
            ike.IPv4TrafficSelector(IP_protocol_ID=6, start_port=443, end_port=443,
                                    starting_address_v4='10.1.0.7', ending_address_v4='10.1.0.7'),
            ike.IPv4TrafficSelector(IP_protocol_ID=0, starting_address_v4='10.1.0.0',
                                    ending_address_v4='10.1.255.255')], number_of_TSs=2),
        ike.IKEv2_payload_TSr(traffic_selector=[
            ike.IPv6TrafficSelector(IP_protocol_ID=0, length=40, starting_address_v6='2001:db8:2::',
                                    ending_address_v6='2001:db8:2:ffff:ffff:ffff:ffff:ffff')],
            number_of_TSs=1),
        notify(16384)),
    'inner_delete': inner(ike.IKEv2_payload_Delete(
        vendorID=bytes.fromhex('030400020a0b0c0d0e0f1011'))),
    'inner_rekey': inner(
        notify(16393, proto=3, spi=bytes.fromhex('cafe0001')), sa(ESP),
        ike.IKEv2_payload_Nonce(load=NI),
        ike.IKEv2_payload_TSi(traffic_selector=[ike.IPv4TrafficSelector(IP_protocol_ID=0)], number_of_TSs=1),
        ike.IKEv2_payload_TSr(traffic_selector=[ike.IPv4TrafficSelector(IP_protocol_ID=0)], number_of_TSs=1)),
}



def header_file():
    print('/* SPDX-License-Identifier: Apache-2.0 */')
    print('/* Made by scapy_messages.py: messages of a stranger. */')
    print('/* clang-format off */')
    for name, data in MESSAGES.items():
        print(f'static const uint8_t scapy_{name}[] = {{')
        for at in range(0, len(data), 12):
            print('\t' + ' '.join(f'0x{b:02x},' for b in data[at:at + 12]))
        print('};')
    print('/* clang-format on */')


def chain(first, data):
    """Type and body of each payload."""
    while first:
        size = int.from_bytes(data[2:4], 'big')
        yield first, data[4:size]
        first, data = data[0], data[size:]


def seeds(folder):
    """What the targets in tests/fuzz expect, see there."""
    inner = {'inner_auth_request': (35, 8, 35), 'inner_delete': (37, 8, 42),
             'inner_rekey': (36, 8, 41)}
    selectors = []
    for name, data in MESSAGES.items():
        if name in inner:
            put(folder, 'message', name, b'\1' + bytes(inner[name]) + data)
            payloads = list(chain(inner[name][2], data))
        else:
            put(folder, 'message', name, b'\0' + data)
            payloads = list(chain(data[16], data[28:])) if name != 'fragment' else []
        for kind, body in payloads:
            if kind == 33:
                put(folder, 'proposal', name, body)
            if kind in (44, 45):
                selectors.append(body)
    for i in range(0, len(selectors), 2):
        a, b = selectors[i:i + 2]
        put(folder, 'ts', f'bodies_{i // 2}', b'\1' + bytes([len(a)]) + a + b)
    for i, text in enumerate(('10.1.0.0/16[tcp/80]', '10.0.0.1-10.0.0.9', 'fd00::/64[ipv6-icmp/34304-34560]',
                              '0.0.0.0/0[17/opaque]')):
        put(folder, 'ts', f'text_{i}', b'\0' + text.encode())
    for i, text in enumerate(('aes256gcm16-prfsha256-x25519', 'aes128-sha256-modp2048-ecp256', 'default')):
        put(folder, 'proposal_text', f'ike_{i}', b'\0' + text.encode())
    put(folder, 'proposal_text', 'ah', b'\1sha256-sha512-x448-esn-noesn')
    put(folder, 'proposal_text', 'esp', b'\2aes128gcm16-aes256gmac-chacha20poly1305-modpnone-noesn')


def put(folder, target, name, data):
    path = pathlib.Path(folder) / target / f'seed_{name}'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if len(sys.argv) > 1:
    seeds(sys.argv[1])
else:
    header_file()
