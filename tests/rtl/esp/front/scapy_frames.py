#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes scapy_frames.txt: frames made by scapy, and what scapy itself reads in
# them when it takes the bytes apart again. One frame a line: name, bytes, and
# field=value where scapy has an opinion.
#
#   tests/rtl/esp/front/scapy_frames.py > tests/rtl/esp/front/scapy_frames.txt
import random
import socket

import scapy.all as sc

random.seed(4303)


def pay(n):
    return sc.Raw(bytes(random.randrange(256) for _ in range(n)))


UPPER = {
    'udp': lambda: sc.UDP(sport=500, dport=4500) / pay(30),
    'udp0': lambda: sc.UDP(sport=1, dport=65535),
    'tcp': lambda: sc.TCP(sport=443, dport=50123, flags='PA') / pay(100),
    'sctp': lambda: sc.SCTP(sport=2905, dport=2906) / pay(16),
    'esp': lambda: sc.ESP(spi=0xdeadbeef, seq=0x01020304) / pay(40),
    'ah': lambda: sc.AH(spi=7, seq=9) / pay(20),
    'gre': lambda: sc.GRE() / pay(20),
    'raw99': lambda: pay(33),
}
UPPER4 = dict(UPPER, icmp=lambda: sc.ICMP(type=8, code=0) / pay(56),
              unreach=lambda: sc.ICMP(type=3, code=4) / pay(28))
UPPER6 = dict(UPPER, echo=lambda: sc.ICMPv6EchoRequest(data=b'abcdefgh'),
              ns=lambda: sc.ICMPv6ND_NS(tgt='fe80::1'))
DO = lambda n=0: sc.IPv6ExtHdrDestOpt(options=[sc.PadN(optdata=b'\0' * n)])
CHAINS = {
    'plain': lambda: None,
    'hbh': lambda: sc.IPv6ExtHdrHopByHop(options=[sc.RouterAlert()]),
    'do': lambda: DO(),
    'rt': lambda: sc.IPv6ExtHdrRouting(addresses=['2001:db8::99']),
    'hbh-do': lambda: sc.IPv6ExtHdrHopByHop() / DO(),
    'do-hbh-do': lambda: DO() / sc.IPv6ExtHdrHopByHop() / DO(),
    'frag1': lambda: sc.IPv6ExtHdrFragment(offset=0, m=1, id=1),
    'frag2': lambda: sc.IPv6ExtHdrFragment(offset=40, m=0, id=1),
    'atomic': lambda: sc.IPv6ExtHdrFragment(offset=0, m=0, id=1),
    'hbh-frag2': lambda: sc.IPv6ExtHdrHopByHop() / sc.IPv6ExtHdrFragment(offset=7, m=1, id=1),
    'do12': lambda: DO(12),
    'do60': lambda: DO(60),
}


def frames():
    mac = dict(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')
    tags = {
        'untagged': lambda: sc.Ether(**mac),
        'q': lambda: sc.Ether(**mac) / sc.Dot1Q(vlan=7, prio=3),
        'ad-q': lambda: sc.Ether(**mac) / sc.Dot1AD(vlan=100) / sc.Dot1Q(vlan=7),
        'q-q-q': lambda: sc.Ether(**mac) / sc.Dot1Q(vlan=1) / sc.Dot1Q(vlan=2) / sc.Dot1Q(vlan=3),
    }
    for tn, tag in tags.items():
        few = {k: UPPER[k] for k in ('udp', 'esp')}
        for un, up in (UPPER4 if tn == 'untagged' else few).items():
            for on, opts in ('', []), ('-rr', [sc.IPOption_RR(routers=['1.2.3.4', '5.6.7.8'])]):
                ip = sc.IP(src='192.0.2.1', dst='198.51.100.77', tos=0xb9, ttl=61, id=0x1234,
                           flags='DF', options=opts)
                if un == 'raw99':
                    ip.proto = 99
                yield f'{tn}/ipv4{on}/{un}', tag() / ip / up()
        yield f'{tn}/ipv4-frag1/udp', tag() / sc.IP(flags='MF') / UPPER['udp']()
        yield f'{tn}/ipv4-frag2/udp', tag() / sc.IP(frag=100, proto=17) / pay(64)
        yield f'{tn}/ipv4-sum', tag() / sc.IP(chksum=0x1111) / UPPER['udp']()
        yield f'{tn}/arp', tag() / sc.ARP(op=1, psrc='192.0.2.1', pdst='192.0.2.9')
        for un, up in (UPPER6 if tn == 'untagged' else few).items():
            for cn, chain in CHAINS.items():
                p = sc.IPv6(src='2001:db8::1', dst='2001:db8:0:ffff::2', tc=0x2e, fl=0xabcde, hlim=63)
                if chain() is not None:
                    p = p / chain()
                if un == 'raw99':
                    p.lastlayer().nh = 99
                yield f'{tn}/ipv6-{cn}/{un}', tag() / p / up()


def num(a):
    fam = socket.AF_INET6 if ':' in a else socket.AF_INET
    return socket.inet_pton(fam, a).rjust(16, b'\0').hex()


def ports(up, f):
    for t in sc.TCP, sc.UDP, sc.SCTP:
        if isinstance(up, t):
            f.update(ports_ok=1, sport=up.sport, dport=up.dport)
            return
    if up is not None and hasattr(up, 'type') and hasattr(up, 'code'):
        f.update(ports_ok=1, sport=up.type, dport=up.code)
    else:
        f.update(ports_ok=0)


def opinion(raw):
    e = sc.Ether(raw)
    ntags = 0
    p = e.payload
    while isinstance(p, (sc.Dot1Q, sc.Dot1AD)):
        ntags += 1
        p = p.payload
    if ntags > 2:
        return dict(kind=0, l2_words=4, data_len=len(raw) - 14)
    f = dict(l2_words=4 + ntags)
    if isinstance(p, sc.ARP):
        f.update(kind=3, data_len=len(raw) - 14 - 4 * ntags)
    elif isinstance(p, sc.IP):
        good = p.copy()
        del good.chksum
        good = sc.IP(bytes(good))
        f.update(kind=1, data_len=p.len, bad=int(good.chksum != p.chksum))
        if f['bad']:
            return f
        f.update(hdr_len=4 * p.ihl, nh_off=9, df=int('DF' in p.flags), tos=p.tos, ttl=p.ttl, id=p.id,
                 frag=int('MF' in p.flags or p.frag != 0), proto=p.proto, v6=0, src=num(p.src),
                 dst=num(p.dst))
        ports(p.payload if p.frag == 0 else None, f)
        if isinstance(p.payload, sc.ESP):
            f.update(word0=p.payload.spi, word1=p.payload.seq)
    else:
        f.update(kind=2, data_len=p.plen + 40, bad=0, tos=p.tc, ttl=p.hlim, flow=p.fl, v6=1,
                 src=num(p.src), dst=num(p.dst), df=0)
        at, nh, q, frag, later = 40, p.nh, p.payload, 0, False
        while isinstance(q, (sc.IPv6ExtHdrHopByHop, sc.IPv6ExtHdrDestOpt, sc.IPv6ExtHdrRouting,
                             sc.IPv6ExtHdrFragment)):
            at += len(q) - len(q.payload)
            nh = q.nh
            if isinstance(q, sc.IPv6ExtHdrFragment):
                later = q.offset != 0
                frag = int(later or q.m)
            q = q.payload
            if later:
                break
        f.update(frag=frag, too_long=int(at > 64))
        f.update(proto=nh)
        ports(None if later or at > 64 else q, f)
        if isinstance(q, sc.ESP) and not later and at <= 64:
            f.update(word0=q.spi, word1=q.seq, hdr_len=at)
    return f


for name, frame in frames():
    raw = bytes(frame)
    raw += bytes(max(0, 60 - len(raw)))  # Ethernet padding
    print(name, raw.hex(), *(f'{k}={v}' for k, v in opinion(raw).items()))
