// SPDX-License-Identifier: Apache-2.0
/*
 * What the writer makes, read by tshark: every payload is recognised, no field
 * is malformed and nothing is worth a remark. Protected payloads are shown to
 * it under the NULL cipher.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"
#include "wire/message.h"

#define SPI_I 0x1112131415161718ull
#define SPI_R 0x2122232425262728ull

static uint8_t msg[8192];
static char path[] = "/tmp/espalier-wire-XXXXXX";
static FILE *pcap;
static char lines[64][1024];
static unsigned int nlines;

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* One UDP datagram between ports 500 in raw IPv4. */
static void capture(size_t len)
{
	uint8_t ip[28] = { 0x45, [8] = 64, [9] = 17, [12] = 192, 0, 2,
			   1,	 192,	   0,	     2,		 2 };
	uint32_t rec[4] = { 0, 0, sizeof(ip) + len, sizeof(ip) + len };

	put16(ip + 2, sizeof(ip) + len);
	put16(ip + 20, 500);
	put16(ip + 22, 500);
	put16(ip + 24, 8 + len);
	MUST(fwrite(rec, sizeof(rec), 1, pcap) == 1);
	MUST(fwrite(ip, sizeof(ip), 1, pcap) == 1);
	MUST(fwrite(msg, len, 1, pcap) == 1);
}

static struct ike_writer w;

static void begin(size_t room)
{
	ike_writer_init(&w, msg + room, sizeof(msg) - room);
}

static void finish(uint8_t exchange, bool response, uint32_t id, uint8_t first,
		   size_t len)
{
	struct ike_hdr h = {
		.spi_i = SPI_I,
		.spi_r = exchange == IKE_SA_INIT && !response ? 0 : SPI_R,
		.next = first,
		.version = 0x20,
		.exchange = exchange,
		.flags = response ? IKE_FLAG_RESPONSE : IKE_FLAG_INITIATOR,
		.id = id,
		.len = len,
	};

	MUST(!w.overflow);
	ike_hdr_put(msg, &h);
	capture(len);
}

static void finish_clear(bool response)
{
	finish(IKE_SA_INIT, response, 0, w.first, IKE_HDR_LEN + w.len);
}

/* SK around what was written: header, the payloads, no padding. */
static void finish_sealed(uint8_t exchange, bool response, uint32_t id)
{
	uint8_t first = w.first;
	size_t len;

	ike_put_u8(&w, 0); /* pad length */
	len = IKE_HDR_LEN + 4 + w.len;
	msg[IKE_HDR_LEN] = first;
	msg[IKE_HDR_LEN + 1] = 0;
	put16(msg + IKE_HDR_LEN + 2, 4 + w.len);
	finish(exchange, response, id, PL_SK, len);
}

static void put_text_sa(const char *a, const char *b, uint8_t protocol)
{
	struct proposal p[2];
	char why[2048];

	MUST(!proposal_from_text(a, protocol, &p[0], why, sizeof(why)));
	MUST(!proposal_from_text(b, protocol, &p[1], why, sizeof(why)));
	p[1].num = 2;
	if (protocol != PROTO_IKE) {
		p[0].spi_size = p[1].spi_size = 4;
		p[0].spi = p[1].spi = 0xc0ffee01;
	}
	ike_put_sa(&w, p, 2);
}

static void put_text_ts(enum ike_payload type, const char *a, const char *b)
{
	struct ts ts[2];
	char why[200];

	MUST(!ts_from_text(a, &ts[0], why, sizeof(why)));
	MUST(!ts_from_text(b, &ts[1], why, sizeof(why)));
	ike_put_ts(&w, type, ts, 2);
}

static void tshark(void)
{
	char cmd[1024];
	FILE *f;

	fclose(pcap);
	snprintf(
		cmd, sizeof(cmd),
		"tshark -n -r %s -o 'uat:ikev2_decryption_table:"
		"1112131415161718,2122232425262728,,,\"NULL [RFC2410]\",,,"
		"\"NONE [RFC4306]\"' -T fields -E separator=';' "
		"-e isakmp.typepayload -e _ws.expert.message "
		"-e _ws.malformed -e isakmp.notify.msgtype "
		"-e isakmp.key_exchange.dh_group -e isakmp.tf.id.encr "
		"-e isakmp.spi -e isakmp.ts.start_ipv4 -e isakmp.ts.start_ipv6 "
		"-e isakmp.id.data.fqdn -e isakmp.auth.method "
		"2>/dev/null",
		path);
	f = popen(cmd, "r");
	MUST(f);
	for (nlines = 0; nlines < 64; nlines++)
		if (!fgets(lines[nlines], sizeof(lines[0]), f))
			break;
	EXPECT_EQ(pclose(f), 0);
	unlink(path);
}

static void line_is(unsigned int i, const char *want)
{
	MUST(i < nlines);
	lines[i][strcspn(lines[i], "\n")] = '\0';
	if (strcmp(lines[i], want))
		printf("\n    got  %s\n    want %s\n", lines[i], want);
	EXPECT(!strcmp(lines[i], want));
}

static bool open_capture(void)
{
	static const uint32_t head[6] = { 0xa1b2c3d4, 0x00040002, 0,
					  0,	      65535,	  101 };
	int fd;

	if (system("tshark --version >/dev/null 2>&1")) {
		suite_skip("tshark is not installed");
		return false;
	}
	fd = mkstemp(path);
	MUST(fd >= 0);
	pcap = fdopen(fd, "wb");
	MUST(pcap);
	MUST(fwrite(head, sizeof(head), 1, pcap) == 1);
	return true;
}

static void tshark_reads_what_is_written(void)
{
	static const uint8_t bytes[64] = { 1, 2, 3 };
	static const uint32_t spis[] = { 0x0a0b0c0d, 0x0e0f1011 };

	if (!open_capture())
		return;
	begin(IKE_HDR_LEN);
	put_text_sa("aes256gcm16-chacha20poly1305-prfsha256-x25519",
		    "aes128-sha256-modp2048", PROTO_IKE);
	ike_put_ke(&w, KE_CURVE25519, bytes, 32);
	ike_put_nonce(&w, bytes, 32);
	ike_put_notify(&w, N_NAT_DETECTION_SOURCE_IP, bytes, 20);
	ike_put_notify(&w, N_NAT_DETECTION_DESTINATION_IP, bytes, 20);
	ike_put_notify(&w, N_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
	ike_put_notify(&w, N_SIGNATURE_HASH_ALGORITHMS, "\0\2\0\3\0\4\0\5", 8);
	finish_clear(false);
	begin(IKE_HDR_LEN);
	ike_put_notify(&w, N_COOKIE, bytes, 24);
	finish_clear(true);
	begin(IKE_HDR_LEN + 4);
	ike_put_id(&w, PL_IDI, ID_FQDN, "moon.example.org", 16);
	ike_put_cert(&w, PL_CERTREQ, CERT_X509_SIGNATURE, bytes, 20);
	ike_put_id(&w, PL_IDR, ID_FQDN, "sun.example.org", 15);
	ike_put_auth(&w, AUTH_PSK, bytes, 32);
	put_text_sa("aes128gcm16-esn-noesn", "aes256-sha512", PROTO_ESP);
	put_text_ts(PL_TSI, "10.1.0.0/16[tcp/80]", "fd00:1::/64");
	put_text_ts(PL_TSR, "10.2.0.1-10.2.0.9", "fd00:2::/64");
	ike_put_notify(&w, N_INITIAL_CONTACT, NULL, 0);
	finish_sealed(IKE_AUTH, false, 1);
	begin(IKE_HDR_LEN + 4);
	ike_put_notify_spi(&w, N_REKEY_SA, PROTO_ESP, 0xcafe0001, NULL, 0);
	put_text_sa("aes128gcm16-x448", "aes256gcm16-ecp521", PROTO_ESP);
	ike_put_nonce(&w, bytes, 32);
	ike_put_ke(&w, KE_CURVE448, bytes, 56);
	put_text_ts(PL_TSI, "10.1.0.0/16", "10.3.0.0/16");
	put_text_ts(PL_TSR, "10.2.0.0/16", "10.4.0.0/16");
	finish_sealed(IKE_CREATE_CHILD_SA, false, 2);
	begin(IKE_HDR_LEN + 4);
	ike_put_delete(&w, PROTO_ESP, spis, 2);
	finish_sealed(IKE_INFORMATIONAL, false, 3);
	begin(IKE_HDR_LEN + 4);
	ike_put_delete(&w, PROTO_IKE, NULL, 0);
	finish_sealed(IKE_INFORMATIONAL, true, 3);
	begin(IKE_HDR_LEN);
	ike_put_nonce(&w, bytes, 32);
	w.buf[3] = 80; /* longer than the message */
	finish_clear(true);
	tshark();
	EXPECT_EQ(nlines, 7);
	/* payloads, where 2 is a proposal and 3 a transform; remarks;
	 * malformed; notifications; group; ciphers; SPIs; addresses; names;
	 * AUTH method */
	line_is(0, "33,2,3,3,3,3,2,3,3,3,3,34,40,41,41,41,41;;;"
		   "16388,16389,16430,16431;31;20,28,12;;;;;");
	line_is(1, "41;;;16390;;;;;;;");
	line_is(2, "46,35,38,36,39,33,2,3,3,3,2,3,3,3,44,45,41;;;16384;;20,12;"
		   "c0ffee01,c0ffee01;10.1.0.0,10.2.0.1;fd00:1::,fd00:2::;"
		   "moon.example.org,sun.example.org;2");
	line_is(3, "46,41,33,2,3,3,3,2,3,3,3,40,34,44,45;;;16393;32;20,20;"
		   "cafe0001,c0ffee01,c0ffee01;"
		   "10.1.0.0,10.3.0.0,10.2.0.0,10.4.0.0;;;");
	line_is(4, "46,42;;;;;;;;;;");
	line_is(5, "46,42;;;;;;;;;;");
	/* the reader is one that would have said something */
	MUST(nlines == 7);
	EXPECT(strstr(lines[6], "Malformed"));
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "tshark_reads_what_is_written",
		  tshark_reads_what_is_written },
		{ NULL, NULL },
	};
	return suite_run("wire_tshark", cases, argc, argv);
}
