/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the numbers of IKEv2
 *
 * From IANA's registry "Internet Key Exchange Version 2 (IKEv2) Parameters";
 * RFC 7296 where nothing else is said. Only what this implementation names.
 */
#ifndef IKE_WIRE_IDS_H
#define IKE_WIRE_IDS_H

enum ike_exchange {
	IKE_SA_INIT = 34,
	IKE_AUTH = 35,
	IKE_CREATE_CHILD_SA = 36,
	IKE_INFORMATIONAL = 37,
	IKE_INTERMEDIATE = 43, /* RFC 9242 */
	IKE_FOLLOWUP_KE = 44, /* RFC 9370 */
};

enum ike_flags {
	IKE_FLAG_INITIATOR = 0x08,
	IKE_FLAG_VERSION = 0x10,
	IKE_FLAG_RESPONSE = 0x20,
};

enum ike_payload {
	PL_NONE = 0,
	PL_SA = 33,
	PL_KE = 34,
	PL_IDI = 35,
	PL_IDR = 36,
	PL_CERT = 37,
	PL_CERTREQ = 38,
	PL_AUTH = 39,
	PL_NONCE = 40,
	PL_NOTIFY = 41,
	PL_DELETE = 42,
	PL_VENDOR = 43,
	PL_TSI = 44,
	PL_TSR = 45,
	PL_SK = 46,
	PL_CP = 47,
	PL_EAP = 48,
	PL_SKF = 53, /* RFC 7383 */
};

enum ike_protocol {
	PROTO_NONE = 0,
	PROTO_IKE = 1,
	PROTO_AH = 2,
	PROTO_ESP = 3,
};

enum ike_transform_type {
	TT_ENCR = 1,
	TT_PRF = 2,
	TT_INTEG = 3,
	TT_KE = 4, /* key exchange method: was D-H group */
	TT_ESN = 5,
	TT_ADDKE1 = 6, /* RFC 9370: 6 to 12 */
	TT_ADDKE7 = 12,
};

enum ike_encr {
	ENCR_NULL = 11,
	ENCR_AES_CBC = 12,
	ENCR_AES_CTR = 13,
	ENCR_AES_CCM_8 = 14,
	ENCR_AES_CCM_12 = 15,
	ENCR_AES_CCM_16 = 16,
	ENCR_AES_GCM_8 = 18, /* RFC 5282 for IKE, RFC 4106 for ESP */
	ENCR_AES_GCM_12 = 19,
	ENCR_AES_GCM_16 = 20,
	ENCR_NULL_AES_GMAC = 21, /* RFC 4543 */
	ENCR_CHACHA20_POLY1305 = 28, /* RFC 7634 */
};

enum ike_prf {
	PRF_HMAC_SHA1 = 2,
	PRF_HMAC_SHA2_256 = 5,
	PRF_HMAC_SHA2_384 = 6,
	PRF_HMAC_SHA2_512 = 7,
};

enum ike_integ {
	INTEG_NONE = 0,
	INTEG_HMAC_SHA1_96 = 2,
	INTEG_HMAC_SHA2_256_128 = 12,
	INTEG_HMAC_SHA2_384_192 = 13,
	INTEG_HMAC_SHA2_512_256 = 14,
};

enum ike_ke_method {
	KE_NONE = 0,
	KE_MODP_2048 = 14,
	KE_MODP_3072 = 15,
	KE_MODP_4096 = 16,
	KE_ECP_256 = 19,
	KE_ECP_384 = 20,
	KE_ECP_521 = 21,
	KE_CURVE25519 = 31,
	KE_CURVE448 = 32,
};

enum ike_esn {
	ESN_NO = 0,
	ESN_YES = 1,
};

enum ike_auth_method {
	AUTH_RSA_SIG = 1, /* PKCS#1 v1.5 with SHA-1, as commonly done */
	AUTH_PSK = 2,
	AUTH_ECDSA_256 = 9, /* RFC 4754: raw r | s, fixed hash */
	AUTH_ECDSA_384 = 10,
	AUTH_ECDSA_521 = 11,
	AUTH_NULL = 13,
	AUTH_DIGITAL_SIG = 14, /* RFC 7427 */
};

enum ike_hash_alg { /* RFC 7427, SIGNATURE_HASH_ALGORITHMS */
		    HASH_SHA1 = 1,
		    HASH_SHA2_256 = 2,
		    HASH_SHA2_384 = 3,
		    HASH_SHA2_512 = 4,
		    HASH_IDENTITY = 5, /* RFC 8420: Ed25519, Ed448 */
};

enum ike_id_type {
	ID_ANY = 0, /* not on the wire: matches every identity */
	ID_IPV4_ADDR = 1,
	ID_FQDN = 2,
	ID_RFC822_ADDR = 3,
	ID_IPV6_ADDR = 5,
	ID_DER_ASN1_DN = 9,
	ID_DER_ASN1_GN = 10,
	ID_KEY_ID = 11,
};

enum ike_cert_encoding {
	CERT_X509_SIGNATURE = 4,
	CERT_HASH_AND_URL = 12,
};

enum ike_ts_type {
	TS_IPV4_ADDR_RANGE = 7,
	TS_IPV6_ADDR_RANGE = 8,
};

#define IKE_NOTIFY_STATUS_MIN 16384 /* below: errors (RFC 7296 3.10.1) */

enum ike_notify {
	N_UNSUPPORTED_CRITICAL_PAYLOAD = 1,
	N_INVALID_IKE_SPI = 4,
	N_INVALID_MAJOR_VERSION = 5,
	N_INVALID_SYNTAX = 7,
	N_INVALID_MESSAGE_ID = 9,
	N_INVALID_SPI = 11,
	N_NO_PROPOSAL_CHOSEN = 14,
	N_INVALID_KE_PAYLOAD = 17,
	N_AUTHENTICATION_FAILED = 24,
	N_SINGLE_PAIR_REQUIRED = 34,
	N_NO_ADDITIONAL_SAS = 35,
	N_INTERNAL_ADDRESS_FAILURE = 36,
	N_FAILED_CP_REQUIRED = 37,
	N_TS_UNACCEPTABLE = 38,
	N_INVALID_SELECTORS = 39,
	N_TEMPORARY_FAILURE = 43,
	N_CHILD_SA_NOT_FOUND = 44,
	N_INITIAL_CONTACT = 16384,
	N_SET_WINDOW_SIZE = 16385,
	N_ADDITIONAL_TS_POSSIBLE = 16386,
	N_IPCOMP_SUPPORTED = 16387,
	N_NAT_DETECTION_SOURCE_IP = 16388,
	N_NAT_DETECTION_DESTINATION_IP = 16389,
	N_COOKIE = 16390,
	N_USE_TRANSPORT_MODE = 16391,
	N_HTTP_CERT_LOOKUP_SUPPORTED = 16392,
	N_REKEY_SA = 16393,
	N_ESP_TFC_PADDING_NOT_SUPPORTED = 16394,
	N_NON_FIRST_FRAGMENTS_ALSO = 16395,
	N_MOBIKE_SUPPORTED = 16396, /* RFC 4555 */
	N_EAP_ONLY_AUTHENTICATION = 16417,
	N_CHILDLESS_IKEV2_SUPPORTED = 16418, /* RFC 6023 */
	N_IKEV2_FRAGMENTATION_SUPPORTED = 16430, /* RFC 7383 */
	N_SIGNATURE_HASH_ALGORITHMS = 16431, /* RFC 7427 */
	N_USE_PPK = 16435, /* RFC 8784 */
	N_INTERMEDIATE_EXCHANGE_SUPPORTED = 16438,
};

/* names.c: as the registry writes them; "unknown(N)" is for the caller */
const char *ike_exchange_name(unsigned int exchange);
const char *ike_payload_name(unsigned int payload);
const char *ike_notify_name(unsigned int notify);

#endif /* IKE_WIRE_IDS_H */
