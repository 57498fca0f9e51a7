// SPDX-License-Identifier: Apache-2.0
/* Identities: text, comparison, patterns. */
#include <errno.h>
#include <string.h>
#include "party.h"
#include "suite.h"

static void ids_from_text(void)
{
	static const struct {
		const char *text;
		uint8_t type;
		const char *back;
	} good[] = {
		{ "192.0.2.1", ID_IPV4_ADDR, "192.0.2.1" },
		{ "2001:db8::1", ID_IPV6_ADDR, "2001:db8::1" },
		{ "moon.example.org", ID_FQDN, "moon.example.org" },
		{ "@moon.example.org", ID_FQDN, "moon.example.org" },
		{ "fqdn:192.0.2.1", ID_FQDN, "192.0.2.1" },
		{ "a@b.example.org", ID_RFC822_ADDR, "a@b.example.org" },
		{ "@@a@b", ID_RFC822_ADDR, "a@b" },
		{ "email:x", ID_RFC822_ADDR, "x" },
		{ "@#01ab", ID_KEY_ID, "@#01ab" },
		{ "keyid:#ff", ID_KEY_ID, "@#ff" },
		{ "keyid:abc", ID_KEY_ID, "@#616263" },
		{ "%any", ID_ANY, "%any" },
		{ "ipv4:10.0.0.1", ID_IPV4_ADDR, "10.0.0.1" },
		{ "ipv6:::1", ID_IPV6_ADDR, "::1" },
		{ "CN=moon", ID_DER_ASN1_DN, "CN=moon" },
		{ "C=CH, O=x y,CN=moon", ID_DER_ASN1_DN,
		  "C=CH, O=x y, CN=moon" },
		{ "/C=CH/CN=a,b", ID_DER_ASN1_DN, "C=CH, CN=a\\,b" },
		{ "C=CH, O=a\\, b, CN=m=n", ID_DER_ASN1_DN,
		  "C=CH, O=a\\, b, CN=m=n" },
		{ "asn1dn:#300c310a300806035504030c0178", ID_DER_ASN1_DN,
		  "CN=x" },
		{ "CN=x, E=a@b, SN=7, S=Doe", ID_DER_ASN1_DN,
		  "CN=x, E=a@b, SN=7, S=Doe" },
	};
	static const char *const bad[] = {
		"",	  "@",	      "@#",	   "@#0",	    "@#xy",
		"ipv4:x", "ipv6:1.2", "1:2:3",	   "C=Switzerland", "CN=",
		"=x",	  "nosuch=x", "CN=a, foo", "asn1dn:",
	};
	char buf[200];
	struct ike_id i;

	for (unsigned int k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
		i = id(good[k].text);
		EXPECT_EQ(i.type, good[k].type);
		EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)),
			       good[k].back));
		if (strcmp(buf, good[k].back))
			printf("\n    \"%s\" gave \"%s\"\n", good[k].text, buf);
	}
	for (unsigned int k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		int rc = ike_id_from_text(bad[k], &i);

		EXPECT_EQ(rc, (uint64_t)-EINVAL);
		if (!rc)
			printf("\n    \"%s\" was taken\n", bad[k]);
	}
	/* what a peer sends cannot write to the terminal */
	i = (struct ike_id){ ID_FQDN, 4, "a\033[m" };
	EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)), "a\\x1b[m"));
	EXPECT(!strcmp(ike_id_text(&i, buf, 4), "a"
						"\\x"
						"") ||
	       strlen(buf) == 3);
	i = (struct ike_id){ ID_DER_ASN1_DN, 2, { 0x31, 5 } };
	EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)), "asn1dn:#3105"));
	i = (struct ike_id){ ID_IPV4_ADDR, 3, { 1, 2, 3 } };
	EXPECT(strstr(ike_id_text(&i, buf, sizeof(buf)), "010203"));
}

static bool match(const char *a, const char *pattern)
{
	struct ike_id i = id(a), p = id(pattern);

	return ike_id_match(&i, &p);
}

static void ids_compared(void)
{
	struct ike_id a, b;

	EXPECT(match("moon.example.org", "MOON.example.ORG"));
	EXPECT(!match("moon.example.org", "moon.example.com"));
	EXPECT(!match("moon.example.org", "keyid:moon.example.org"));
	EXPECT(match("moon.example.org", "*.example.org"));
	EXPECT(!match("example.org", "*.example.org"));
	EXPECT(!match("moonexample.org", "*.example.org"));
	EXPECT(!match("*.example.org", "moon.example.org"));
	EXPECT(match("a@example.org", "*@example.org"));
	EXPECT(!match("a@example.com", "*@example.org"));
	EXPECT(match("a@EXAMPLE.org", "a@example.org"));
	EXPECT(!match("A@example.org", "a@example.org"));
	EXPECT(match("192.0.2.1", "%any"));
	EXPECT(!match("192.0.2.1", "192.0.2.2"));
	EXPECT(match("C=CH, O=x, CN=moon", "C=CH, O=x, CN=*"));
	EXPECT(match("C=CH, O=x, CN=moon", "C=*, O=x, CN=moon"));
	EXPECT(!match("C=CH, O=x, CN=moon", "C=CH, CN=*"));
	EXPECT(!match("C=CH, O=x, CN=moon", "C=CH, O=y, CN=*"));
	EXPECT(!match("C=CH, O=x, CN=moon", "O=x, C=CH, CN=*"));
	EXPECT(!match("C=CH, O=x, OU=moon", "C=CH, O=x, CN=*"));
	/* the same name as another string type: PrintableString, UTF8String */
	a = id("asn1dn:#300c310a300806035504030c0178");
	b = id("asn1dn:#300c310a30080603550403130178");
	EXPECT(ike_id_equal(&a, &b));
	/* a zero byte ends no name */
	a = (struct ike_id){ ID_FQDN, 6, "moon\0x" };
	b = (struct ike_id){ ID_FQDN, 6, "moon\0y" };
	EXPECT(!ike_id_equal(&a, &b));
	b = id("moon");
	EXPECT(!ike_id_equal(&a, &b));
	a = (struct ike_id){ ID_FQDN, 19, "evil\0x.example.org" };
	a.len = 18;
	b = id("*.example.org");
	EXPECT(!ike_id_match(&a, &b));
	/* a DN that is none matches nothing but itself */
	a = (struct ike_id){ ID_DER_ASN1_DN, 2, { 0x31, 5 } };
	b = id("CN=*");
	EXPECT(!ike_id_match(&a, &b));
	EXPECT(ike_id_equal(&a, &a));
}

static const struct test_case cases[] = {
	{ "ids_from_text", ids_from_text },
	{ "ids_compared", ids_compared },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_id", cases, argc, argv);
}
