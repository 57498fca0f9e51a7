// SPDX-License-Identifier: Apache-2.0
/* The format of swanctl.conf: values, sections, references, includes, damage.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "conf_files.h"
#include "rng.h"
#include "suite.h"

static char why[1024];

static struct section *read_text(const char *text)
{
	struct section *s;

	why[0] = 0;
	s = conf_text(text, why, sizeof(why));
	if (!s)
		printf("\n    %s\n", why);
	return s;
}

/* "a.b.c" below @s, "-" when it is not there */
static const char *at(const struct section *s, const char *path)
{
	char name[128];
	const char *dot, *text;

	while ((dot = strchr(path, '.'))) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		s = section_find(s, name);
		path = dot + 1;
	}
	text = section_text(s, path);
	return text ? text : "-";
}

#define EXPECT_AT(s, path, want)                                               \
	do {                                                                   \
		const char *got_ = at(s, path);                                \
		if (strcmp(got_, want))                                        \
			printf("\n    %s:%d: %s is \"%s\", not \"%s\"\n",      \
			       __FILE__, __LINE__, path, got_, want);          \
		CU_ASSERT_STRING_EQUAL(got_, want);                            \
	} while (0)

static void conf_format_values(void)
{
	struct section *s =
		read_text("# a comment\n"
			  "a = b\n"
			  "  c=d # and one behind\n"
			  "spaces =   two   words  \n"
			  "quoted = \"x # y } { = \\\" \\\\ \\t|\"\n"
			  "lines = \"one \\\n"
			  "two\"\n"
			  "newline = \"one\n"
			  "two\"\n"
			  "mixed = a \"b  c\" d\n"
			  "equals = CN=x, O=y\n"
			  "$name = dollar\n"
			  "ends { x = 1 }\n"
			  "next_line\n"
			  "{\n"
			  "x = 2 }\n"
			  "last = end");

	MUST(s);
	EXPECT_AT(s, "a", "b");
	EXPECT_AT(s, "c", "d");
	EXPECT_AT(s, "spaces", "two words");
	EXPECT_AT(s, "quoted", "x # y } { = \" \\ \t|");
	EXPECT_AT(s, "lines", "one two");
	EXPECT_AT(s, "newline", "one\ntwo");
	EXPECT_AT(s, "mixed", "a b  c d");
	EXPECT_AT(s, "equals", "CN=x, O=y");
	EXPECT_AT(s, "$name", "dollar");
	EXPECT_AT(s, "ends.x", "1");
	EXPECT_AT(s, "next_line.x", "2");
	EXPECT_AT(s, "last", "end");
	EXPECT_EQ(section_find(s, "newline")->line, 8);
	EXPECT_EQ(section_find(s, "last")->line, 17);
	section_free(s);
}

static void conf_format_merges(void)
{
	struct section *s = read_text("a { x = 1\n y = 1\n }\n"
				      "a { y = 2\n sub { z = 3 }\n }\n"
				      "a { sub { w = 4 }\n }\n"
				      "gone = 1\n"
				      "gone =\n");

	MUST(s);
	EXPECT_AT(s, "a.x", "1");
	EXPECT_AT(s, "a.y", "2");
	EXPECT_AT(s, "a.sub.z", "3");
	EXPECT_AT(s, "a.sub.w", "4");
	EXPECT_AT(s, "gone", "-");
	section_free(s);
}

static void conf_format_references(void)
{
	struct section *s =
		read_text("connections {\n"
			  "  a : base, more {\n"
			  "    own = 1\n"
			  "    version = 2\n"
			  "    cleared =\n"
			  "    children { net : child { ts = mine }\n }\n"
			  "  }\n"
			  "  b : connections.a { own = 2 }\n"
			  "}\n"
			  "base { version = 1\n cleared = x\n only_base = y\n"
			  "       children { other { k = v } }\n }\n"
			  "more { version = 3\n only_more = z }\n"
			  "child { ts = theirs\n mode = tunnel }\n"
			  "with.dot { k = dotted }\n"
			  "uses : with.dot { }\n");

	MUST(s);
	EXPECT_AT(s, "connections.a.own", "1");
	EXPECT_AT(s, "connections.a.version", "2");
	EXPECT_AT(s, "connections.a.cleared", "-");
	EXPECT_AT(s, "connections.a.only_base", "y");
	EXPECT_AT(s, "connections.a.only_more", "z");
	EXPECT_AT(s, "connections.a.children.net.ts", "mine");
	EXPECT_AT(s, "connections.a.children.net.mode", "tunnel");
	EXPECT_AT(s, "connections.a.children.other.k", "v");
	EXPECT_AT(s, "connections.b.own", "2");
	EXPECT_AT(s, "connections.b.version", "2");
	EXPECT_AT(s, "connections.b.children.net.mode", "tunnel");
	EXPECT_AT(s, "uses.k", "dotted");
	/* an inherited value is at home where it was written */
	EXPECT_EQ(
		section_find(section_find(section_find(s, "connections"), "a"),
			     "only_base")
			->line,
		13);
	section_free(s);
}

static void conf_format_includes(void)
{
	struct section *s;

	conf_write("inc/one.conf", "x = one\nsub { a = 1 }\n", 22);
	conf_write("inc/two.conf", "include ../nested.conf\ny = two\n", 31);
	conf_write("nested.conf", "deep = 1\n", 9);
	conf_write("a b.conf", "spaced = 1\n", 11);
	s = read_text("sec {\n  x = before\n  include inc/*.conf\n}\n"
		      "include nothing/*.conf\n"
		      "include \"a b.conf\"\n"
		      "include a\\ b.conf # comment\n"
		      "include = key\n");
	MUST(s);
	EXPECT_AT(s, "sec.x", "one");
	EXPECT_AT(s, "sec.y", "two");
	EXPECT_AT(s, "sec.sub.a", "1");
	EXPECT_AT(s, "sec.deep", "1");
	EXPECT_AT(s, "spaced", "1");
	EXPECT_AT(s, "include", "key");
	section_free(s);

	EXPECT(!conf_text("a = 1\ninclude not-there.conf\n", why, sizeof(why)));
	conf_why(why, 2, "include: cannot read",
		 "not-there.conf\": No such file");
	EXPECT(!conf_text("include swanctl.conf\n", why, sizeof(why)));
	conf_why(why, 1, "include: more than 8 files deep", "itself");
	/* the error of an included file names that file */
	conf_write("bad.conf", "ok = 1\nbad\n", 11);
	EXPECT(!conf_text("include bad.conf\n", why, sizeof(why)));
	EXPECT(strstr(why, "/bad.conf:3: file ends where '=', ':' or '{'"));
	conf_write("open.conf", "x {\n", 4);
	EXPECT(!conf_text("include open.conf\n}\n", why, sizeof(why)));
	EXPECT(strstr(why, "/open.conf:1: the section \"x\" is not closed"));
}

static void conf_format_errors(void)
{
	static const struct {
		const char *text;
		int line;
		const char *what;
	} cases[] = {
		{ "a\n", 2, "file ends where '=', ':' or '{' is expected" },
		{ "a b\n", 1, "'b' where '=', ':' or '{'" },
		{ "\n= 1\n", 2, "'=' where a name, \"include\" or '}'" },
		{ "\"a\" = 1\n", 1, "'\"' where a name" },
		{ "a {\n b = 1\n", 1, "the section \"a\" is not closed" },
		{ "a = 1\n}\n", 2, "'}' without a section" },
		{ "a = \"x\n\n", 1, "the quote is not closed" },
		{ "a = \"x\\", 1, "the quote is not closed" },
		{ "\na : b { }\n", 2, "there is no section \"b\"" },
		{ "a : { }\n", 1, "'{' where the name of a section" },
		{ "b { }\na : b c { }\n", 2, "'c' where '{' or ','" },
		{ "a : b { }\nb : a { }\n", 2, "\"a\" inherits from itself" },
		{ "a { b : a { } }\n", 1, "\"a\" inherits from itself" },
		{ "a = 1\na { }\n", 2, "\"a\" is a value (line 1)" },
		{ "a { }\na = 1\n", 2, "\"a\" is a section (line 1)" },
		{ "b { x = 1 }\na : b { x { } }\n", 2,
		  "\"x\" is inherited as the other" },
		{ "a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{", 1,
		  "more than 16 sections within" },
		{ "a = 1\n\x01 = 2\n", 2, "byte 0x01 where a name" },
		{ "include \n", 1, "include: the name of a file" },
		{ "include \"\"\n", 1, "include: the name of a file" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why[0] = 0;
		struct section *s = conf_text(cases[i].text, why, sizeof(why));

		if (s)
			printf("\n    accepted: %s\n", cases[i].text);
		EXPECT(!s);
		if (!s)
			conf_why(why, cases[i].line, cases[i].what, "");
		section_free(s);
	}
}

/* What a file can cost is bounded, whatever it says. */
static void conf_format_bounds(void)
{
	struct section *s;
	char *text = malloc(3 << 20), *p = text;
	int i;

	EXPECT_EQ(
		-section_read_file("/nonexistent/x.conf", &s, why, sizeof(why)),
		ENOENT);
	EXPECT_EQ(-section_read_file("/dev/null", &s, why, sizeof(why)),
		  EINVAL);
	EXPECT_EQ(-section_read_file(conf_dir(), &s, why, sizeof(why)), EISDIR);

	/* twice as much in each line */
	p += sprintf(p, "s0 { v = 1 }\n");
	for (i = 1; i < 40; i++)
		p += sprintf(p, "s%d { a : s%d { }\n b : s%d { }\n }\n", i,
			     i - 1, i - 1);
	EXPECT(!conf_text(text, why, sizeof(why)));
	EXPECT(strstr(why, "more than 16 sections within each other") ||
	       strstr(why, "more than 65536 keys and sections"));
	p = text;
	p += sprintf(p, "big {\n");
	for (i = 0; i < 500; i++)
		p += sprintf(p, "k%d = v\n", i);
	p += sprintf(p, "}\n");
	for (i = 0; i < 500; i++)
		p += sprintf(p, "c%d : big { }\n", i);
	EXPECT(!conf_text(text, why, sizeof(why)));
	EXPECT(strstr(why, "more than 65536 keys and sections"));

	memset(text, '#', 2 << 20);
	text[2 << 20] = 0;
	EXPECT(!conf_text(text, why, sizeof(why)));
	EXPECT(strstr(why, "a file of more than 1048576 bytes"));
	strcpy(text, "a = ");
	memset(text + 4, 'x', 70000);
	text[70004] = 0;
	EXPECT(!conf_text(text, why, sizeof(why)));
	EXPECT(strstr(why, "a value of more than 65535 bytes"));
	memset(text, 'x', 70000);
	EXPECT(!conf_text(text, why, sizeof(why)));
	EXPECT(strstr(why, "a name of more than 255 characters"));
	free(text);
}

/* Bytes changed, bytes left out: an answer each time, and none is a crash. */
static void conf_format_damage(void)
{
	static const char good[] =
		"connections { a : base { version = 2\n"
		"local_addrs = \"1.2.3.4, %any\" # x\n"
		"children { net { local_ts = 10.0.0.0/8\n } } } }\n"
		"base { encap = yes\n include nothing/*.x\n }\n";
	unsigned int i, k, refused = 0;
	struct section *s;
	struct rng rng = { 1 };
	char text[sizeof(good)];

	for (i = 0; i < 1000; i++) {
		memcpy(text, good, sizeof(good));
		for (k = 0; k < 1 + i % 3; k++) {
			uint64_t r = rng_next(&rng);

			text[r % (sizeof(good) - 1)] =
				i % 2 ? "{}=\"#:,\n\\\x80"[(r >> 32) % 10]
				      : (char)(r >> 40 | 1);
		}
		if (i < sizeof(good))
			text[i] = 0;
		why[0] = 0;
		s = conf_text(text, why, sizeof(why));
		refused += !s;
		EXPECT(s || why[0]);
		section_free(s);
	}
	EXPECT(refused > 100);
}

static const struct test_case cases[] = {
	{ "conf_format_values", conf_format_values },
	{ "conf_format_merges", conf_format_merges },
	{ "conf_format_references", conf_format_references },
	{ "conf_format_includes", conf_format_includes },
	{ "conf_format_errors", conf_format_errors },
	{ "conf_format_bounds", conf_format_bounds },
	{ "conf_format_damage", conf_format_damage },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_conf_file", cases, argc, argv);
}
