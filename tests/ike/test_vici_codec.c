// SPDX-License-Identifier: Apache-2.0
/* VICI messages: known bytes, damage, bounds. */
#include <errno.h>
#include <string.h>
#include "client.h"
#include "rng.h"
#include "suite.h"

static const uint8_t wire[] = {
	3, 1, 'k', 0,	1,   'v', /* k = v */
	1, 2, 's', '1', /* s1 { */
	1, 2, 's', '2', /*   s2 { */
	3, 0, 0,   0, /*     "" = "" */
	2, /*   } */
	4, 1, 'l', /*   l = [ */
	5, 0, 2,   0,	255, /*     two bytes */
	5, 0, 0, /*     none */
	6, /*   ] */
	4, 1, 'e', 6, /*   e = [ ] */
	2, /* } */
};

static struct section *sample(void)
{
	struct section *s = section_new(), *a, *l;

	section_set(s, "k", "v", 1);
	a = section_add(s, "s1");
	section_set(section_add(a, "s2"), "", "", 0);
	l = section_list(a, "l");
	section_item(l, "\0\xff", 2);
	section_item(l, "", 0);
	section_list(a, "e");
	return s;
}

static void vici_codec_known_bytes(void)
{
	struct section *s = sample(), *t;
	uint8_t out[sizeof(wire)];
	size_t cap;

	EXPECT_EQ(vici_encode(s, out, sizeof(out)), sizeof(wire));
	EXPECT(!memcmp(out, wire, sizeof(wire)));
	for (cap = 0; cap < sizeof(wire); cap++)
		EXPECT_EQ(-vici_encode(s, out, cap), EMSGSIZE);
	section_free(s);

	EXPECT_EQ(vici_decode(wire, sizeof(wire), &t), 0);
	MUST(t);
	EXPECT(!strcmp(section_text(t, "k"), "v"));
	s = section_find(section_find(t, "s1"), "l");
	MUST(s && s->kind == SECTION_LIST);
	EXPECT(s->child->len == 2 && s->child->value[1] == 0xff);
	EXPECT(s->last->len == 0 && s->last->value[0] == 0);
	EXPECT(!section_text(section_find(t, "s1"), "l"));
	section_free(t);
}

static void vici_codec_malformed(void)
{
	static const struct {
		size_t len;
		uint8_t msg[8];
	} cases[] = {
		{ 1, { 0 } },
		{ 1, { 7 } },
		{ 1, { 2 } }, /* ends what did not begin */
		{ 1, { 6 } },
		{ 1, { 3 } },
		{ 2, { 3, 1 } },
		{ 3, { 3, 1, 'a' } },
		{ 5, { 3, 1, 'a', 0, 1 } },
		{ 3, { 1, 1, 'a' } }, /* not ended */
		{ 3, { 4, 1, 'a' } },
		{ 4, { 4, 1, 'a', 2 } }, /* ended as the other */
		{ 4, { 1, 1, 'a', 6 } },
		{ 3, { 5, 0, 0 } }, /* item without list */
		{ 7, { 4, 1, 'a', 1, 1, 'b', 2 } }, /* section in a list */
		{ 7, { 4, 1, 'a', 4, 1, 'b', 6 } },
		{ 8, { 3, 1, 'a', 0, 0, 1, 1, 'a' } }, /* twice */
		{ 5, { 3, 1, 0, 0, 0 } }, /* NUL in a name */
	};
	struct section *s;
	struct rng rng = { 7 };
	uint8_t msg[sizeof(wire)], out[sizeof(wire)];
	unsigned int i, refused = 0;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (vici_decode(cases[i].msg, cases[i].len, &s) != -EBADMSG)
			printf("\n    case %u is accepted\n", i);
		EXPECT_EQ(-vici_decode(cases[i].msg, cases[i].len, &s),
			  EBADMSG);
		EXPECT(!s);
	}
	/* cut off anywhere behind the first element, it is not complete */
	for (i = 7; i < sizeof(wire); i++)
		EXPECT_EQ(-vici_decode(wire, i, &s), EBADMSG);
	/* what is accepted is written again as it was read */
	for (i = 0; i < 20000; i++) {
		memcpy(msg, wire, sizeof(wire));
		msg[rng_below(&rng, sizeof(wire))] = (uint8_t)rng_next(&rng);
		msg[rng_below(&rng, sizeof(wire))] =
			(uint8_t)rng_below(&rng, 7);
		if (vici_decode(msg, sizeof(msg), &s)) {
			refused++;
			continue;
		}
		EXPECT_EQ(vici_encode(s, out, sizeof(out)), sizeof(msg));
		EXPECT(!memcmp(out, msg, sizeof(msg)));
		section_free(s);
	}
	EXPECT(refused > 1000 && refused < 20000);
}

static void vici_codec_bounds(void)
{
	static uint8_t big[VICI_FRAME_MAX];
	char name[257];
	struct section *s, *at;
	unsigned int i;

	for (i = 0; i < 17; i++) {
		memcpy(big + 3 * i, "\1\1a", 3);
		big[3 * 17 + i] = 2;
	}
	EXPECT_EQ(-vici_decode(big, 17 * 4, &s), EBADMSG);
	EXPECT_EQ(vici_decode(big + 3, 16 * 4, &s), 0);
	section_free(s);

	memcpy(big, "\4\1l", 3);
	for (i = 0; i < 8192; i++)
		memcpy(big + 3 + 3 * i, "\5\0\0", 3);
	big[3 + 3 * 8192] = 6;
	EXPECT_EQ(-vici_decode(big, 4 + 3 * 8192, &s), EBADMSG);
	big[3 * 8192] = 6;
	EXPECT_EQ(vici_decode(big, 3 * 8192 + 1, &s), 0);
	section_free(s);

	memset(name, 'n', 256);
	name[256] = 0;
	s = section_new();
	section_set(s, name, "x", 1);
	EXPECT_EQ(-vici_encode(s, big, sizeof(big)), EMSGSIZE);
	section_free(s);
	name[255] = 0;
	s = section_new();
	at = section_add(s, name);
	section_set(at, "v", big, 65535);
	EXPECT_EQ(vici_encode(s, big, sizeof(big)), 2 + 255 + 5 + 65535 + 1);
	section_set(at, "w", big, 65536);
	EXPECT_EQ(-vici_encode(s, big, sizeof(big)), EMSGSIZE);
	section_free(s);
}

static const struct test_case cases[] = {
	{ "vici_codec_known_bytes", vici_codec_known_bytes },
	{ "vici_codec_malformed", vici_codec_malformed },
	{ "vici_codec_bounds", vici_codec_bounds },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_vici_codec", cases, argc, argv);
}
