/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a connection: name, default, what is allowed, what it is, how it
 * is read, where it goes.
 */
#include <stddef.h>
#include "conf/load.h"

static const struct word version[] = { { "2", 0 }, { "0", 0 }, { 0, 0 } };
static const struct word only_no[] = {
	{ "no", 0 }, { "false", 0 }, { "disabled", 0 }, { "0", 0 }, { 0, 0 },
};
static const struct word only_yes[] = {
	{ "yes", 0 }, { "true", 0 }, { "enabled", 0 }, { "1", 0 }, { 0, 0 },
};
static const struct word yes_no[] = {
	{ "yes", 0 },	   { "true", 0 }, { "enabled", 0 },
	{ "1", 0 },	   { "no", 0 },	  { "false", 0 },
	{ "disabled", 0 }, { "0", 0 },	  { 0, 0 },
};
static const struct word frag[] = {
	{ "yes", FRAG_YES },	 { "no", FRAG_NO }, { "accept", FRAG_ACCEPT },
	{ "force", FRAG_FORCE }, { 0, 0 },
};
static const struct word send_cert[] = {
	{ "ifasked", CERT_IFASKED },
	{ "always", CERT_ALWAYS },
	{ "never", CERT_NEVER },
	{ 0, 0 },
};
static const struct word unique[] = {
	{ "no", UNIQUE_NO },
	{ "never", UNIQUE_NEVER },
	{ "keep", UNIQUE_KEEP },
	{ "replace", UNIQUE_REPLACE },
	{ 0, 0 },
};
static const struct word mode[] = {
	{ "tunnel", ESPALIER_MODE_TUNNEL },
	{ "transport", ESPALIER_MODE_TRANSPORT },
	{ 0, 0 },
};
static const struct word start[] = {
	{ "none", ACTION_NONE },
	{ "trap", ACTION_TRAP },
	{ "start", ACTION_START },
	{ 0, 0 },
};
static const struct word dpd[] = {
	{ "clear", ACTION_NONE },  { "none", ACTION_NONE },
	{ "trap", ACTION_TRAP },   { "restart", ACTION_START },
	{ "start", ACTION_START }, { 0, 0 },
};
static const struct word df[] = {
	{ "yes", ESPALIER_DF_COPY },
	{ "no", ESPALIER_DF_CLEAR },
	{ 0, 0 },
};
static const struct word offload[] = {
	{ "no", 0 }, { "yes", 0 }, { "packet", 0 }, { "auto", 0 }, { 0, 0 },
};

#define ADDRS "addresses, nets (a/bits), ranges (a-b) and %any; no host names"
#define TIME "a number with s, m, h or d behind it; 0 = never"
#define BYTES "a number, k, m or g may follow; 0 = no limit"
#define COUNT "a number; 0 = no limit"
#define IDS                                                                    \
	"an address, a host name, an e-mail address, a DN, \"@#hex\" or %any"
#define AUTH                                                                   \
	"psk, pubkey, rsa, rsa/pss, ecdsa, ed25519, ed448, and -sha256, "      \
	"-sha384, -sha512 behind the kind of key"

#define AT(f) .at = offsetof(struct conn, f)
static const struct key conn_rows[] = {
	{ "version", "2", "2, or 0 which means 2 here", "version of IKE",
	  read_fixed, .words = version },
	{ "local_addrs", "%any", ADDRS, "our addresses for IKE",
	  read_local_addrs, .list = true },
	{ "remote_addrs", "%any", ADDRS,
	  "the peer's; a single address first if we are to initiate",
	  read_remote_addrs, .list = true },
	{ "local_port", "500", "1 to 65535", "our UDP port", read_u16,
	  AT(local_port), .lo = 1, .hi = 65535 },
	{ "remote_port", "500", "1 to 65535", "the peer's UDP port", read_u16,
	  AT(remote_port), .lo = 1, .hi = 65535 },
	{ "proposals", "default", "keywords of algorithms joined by dashes",
	  "algorithms of the IKE SA", read_ike_props, .list = true },
	{ "encap", "no", "yes or no", "UDP encapsulation even without NAT",
	  read_bool, AT(encap) },
	{ "mobike", "yes", "yes or no", "accepted; MOBIKE is not offered",
	  read_fixed, .words = yes_no },
	{ "dpd_delay", "0s", TIME,
	  "silence after which the peer is asked whether it is there",
	  read_time, AT(dpd_delay) },
	{ "dpd_timeout", "0s", TIME,
	  "accepted; of IKEv1, retransmission decides in IKEv2",
	  .read = read_any_time },
	{ "fragmentation", "yes", "yes, no, accept or force",
	  "fragments of RFC 7383", read_word, AT(frag), .words = frag },
	{ "send_certreq", "yes", "yes or no", "name our CAs to the peer",
	  read_bool, AT(send_certreq) },
	{ "send_cert", "ifasked", "ifasked, always or never",
	  "send our certificates", read_word, AT(send_cert),
	  .words = send_cert },
	{ "keyingtries", "1", "0 to 1000000; 0 = for ever",
	  "sequences of retransmission before giving up", read_u32,
	  AT(keyingtries), .hi = 1000000 },
	{ "unique", "no", "no, never, keep or replace",
	  "what a second IKE SA of the same peer does to the first", read_word,
	  AT(unique), .words = unique },
	{ "reauth_time", "0s",
	  "0s: there is no reauthentication, only rekeying", "reauthentication",
	  .read = read_zero_time },
	{ "rekey_time", "4h", TIME, "age at which the IKE SA is rekeyed",
	  read_time, AT(rekey_time) },
	{ "over_time", "10 % of rekey_time", TIME,
	  "after rekey_time: the IKE SA is closed if it was not rekeyed",
	  read_time, AT(over_time), .derived = true },
	{ "rand_time", "over_time, at most half of rekey_time",
	  "a time up to rekey_time", "taken off rekey_time at random",
	  read_time, AT(rand_time), .derived = true },
	{ "aggressive", "no", "no: it is of IKEv1", "accepted", read_fixed,
	  .words = only_no },
	{ "mediation", "no", "no: there is none", "accepted", read_fixed,
	  .words = only_no },
	{ "ppk_required", "no", "no: RFC 8784 is not supported", "accepted",
	  read_fixed, .words = only_no },
};

#undef AT
#define AT(f) .at = offsetof(struct ike_auth_conf, f)
/* The last two are of the peer only. */
static const struct key auth_rows[] = {
	{ "auth", "pubkey", AUTH, "how this side proves who it is",
	  .read = read_auth },
	{ "id", "%any", IDS, "identity of this side", read_id, AT(id) },
	{ "certs", "", "files in x509 or with a path from the root, DER or PEM",
	  "certificates of this side", read_certs, .list = true,
	  .bytes = true },
	{ "cacerts", "",
	  "files in x509ca or with a path from the root, DER or PEM",
	  "CAs that the peer's chain has to end at", read_cacerts, .list = true,
	  .bytes = true },
	{ "revocation", "relaxed",
	  "relaxed, or strict: without a fresh CRL no peer is believed",
	  "certificates that were revoked", read_revocation, AT(require_crl) },
};

#undef AT
#define AT(f) .at = offsetof(struct child_conf, f)
static const struct key child_rows[] = {
	{ "ah_proposals", "", "keywords of algorithms joined by dashes",
	  "algorithms of AH", read_ah_props, .list = true },
	{ "esp_proposals", "default, if there are no ah_proposals",
	  "keywords of algorithms joined by dashes", "algorithms of ESP",
	  read_esp_props, .list = true, .derived = true },
	{ "local_ts", "dynamic",
	  "nets, ranges or dynamic, each with [protocol/port] if wanted",
	  "our traffic", read_local_ts, .list = true },
	{ "remote_ts", "dynamic",
	  "nets, ranges or dynamic, each with [protocol/port] if wanted",
	  "the peer's traffic", read_remote_ts, .list = true },
	{ "rekey_time", "1h", TIME, "age at which the child is rekeyed",
	  read_time, AT(rekey_time) },
	{ "life_time", "rekey_time + 10 %", TIME, "age at which it is deleted",
	  read_time, AT(life_time), .derived = true },
	{ "rand_time", "life_time - rekey_time, at most half of rekey_time",
	  "a time up to rekey_time", "taken off rekey_time at random",
	  read_time, AT(rand_time), .derived = true },
	{ "rekey_bytes", "0", BYTES, "bytes after which it is rekeyed",
	  read_bytes, AT(rekey_bytes) },
	{ "life_bytes", "rekey_bytes + 10 %", BYTES,
	  "bytes after which it stops", read_bytes, AT(life_bytes),
	  .derived = true },
	{ "rand_bytes", "life_bytes - rekey_bytes, at most half of rekey_bytes",
	  "bytes up to rekey_bytes", "taken off rekey_bytes at random",
	  read_bytes, AT(rand_bytes), .derived = true },
	{ "rekey_packets", "0", COUNT, "packets after which it is rekeyed",
	  read_u64, AT(rekey_packets) },
	{ "life_packets", "rekey_packets + 10 %", COUNT,
	  "packets after which it stops", read_u64, AT(life_packets),
	  .derived = true },
	{ "rand_packets",
	  "life_packets - rekey_packets, at most half of rekey_packets",
	  "packets up to rekey_packets", "taken off rekey_packets at random",
	  read_u64, AT(rand_packets), .derived = true },
	{ "mode", "tunnel", "tunnel or transport", "mode of the child",
	  read_word, AT(mode), .words = mode },
	{ "start_action", "none", "none, trap or start",
	  "once the connection is loaded", read_word, AT(start),
	  .words = start },
	{ "close_action", "none", "none, trap or start",
	  "once the peer closed the child", read_word, AT(close),
	  .words = start },
	{ "dpd_action", "clear", "clear, trap or restart",
	  "once the peer is found to be gone", read_word, AT(dpd),
	  .words = dpd },
	{ "reqid", "0", "0 to 32767; 0 = chosen",
	  "number that ties policies to SAs", read_u16, AT(reqid),
	  .hi = 32767 },
	{ "replay_window", "32",
	  "0 to 4096; 0 = no replay protection; rounded up to what the device "
	  "has",
	  "packets that may be late", read_u32, AT(window), .hi = 4096 },
	{ "priority", "0", "0 to 4294967295; 0 = chosen, the lowest first",
	  "place among the policies", read_u32, AT(priority),
	  .hi = UINT32_MAX },
	{ "copy_df", "yes", "yes or no", "DF bit into the outer header",
	  read_word, AT(df), .words = df },
	{ "copy_ecn", "yes", "yes or no", "ECN between the headers", read_bool,
	  AT(ecn) },
	{ "copy_dscp", "out",
	  "out or no: the inner header is not written (RFC 4301 5.1.2)",
	  "DSCP into the outer header", read_dscp, AT(dscp) },
	{ "hw_offload", "no", "no, yes, packet or auto",
	  "accepted: every SA is in the device", read_fixed, .words = offload },
	{ "ipcomp", "no", "no: there is no compression", "accepted", read_fixed,
	  .words = only_no },
	{ "policies", "yes", "yes: SAs without policies carry nothing",
	  "accepted", read_fixed, .words = only_yes },
	{ "policies_fwd_out", "no", "no: the device has no such policies",
	  "accepted", read_fixed, .words = only_no },
	{ "hostaccess", "no", "no: there are no updown scripts", "accepted",
	  read_fixed, .words = only_no },
	{ "sha256_96", "no", "no: RFC 4868 truncates to 128 bits", "accepted",
	  read_fixed, .words = only_no },
	{ "inactivity", "0s", "0s: idle children stay", "accepted",
	  .read = read_zero_time },
	{ "tfc_padding", "0", "0: no padding is added", "accepted",
	  .read = read_zero_time },
};

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
const struct key_table conn_keys = { "connections.<conn>", conn_rows,
				     ROWS(conn_rows) };
const struct key_table auth_keys_local = { "connections.<conn>.local<suffix>",
					   auth_rows, ROWS(auth_rows) - 2 };
const struct key_table auth_keys_remote = { "connections.<conn>.remote<suffix>",
					    auth_rows, ROWS(auth_rows) };
const struct key_table child_keys = { "connections.<conn>.children.<child>",
				      child_rows, ROWS(child_rows) };

bool conf_key(unsigned int i, struct conf_key_info *info)
{
	static const struct key_table *const all[] = {
		&conn_keys, &auth_keys_local, &auth_keys_remote, &child_keys
	};
	unsigned int t;

	for (t = 0; t < 4; i -= all[t++]->n) {
		const struct key *k = all[t]->keys + i;

		if (i >= all[t]->n)
			continue;
		*info = (struct conf_key_info){ all[t]->section, k->name,
						k->def, k->allowed, k->what };
		return true;
	}
	return false;
}
