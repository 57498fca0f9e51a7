/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_SA_INIT and IKE_AUTH from end to end: who is let in, with what, and what
 * becomes of the first child.
 */
#include <string.h>
#include "duo.h"

static void setup_psk(void)
{
	struct duo *d = duo_new(1);
	struct duo_done done;
	struct ike_sa_info a, b;

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &done);
	EXPECT(duo_run_until(d, duo_up, 10 * IKE_USEC));
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	MUST(duo_sa(d, A) && duo_sa(d, B));
	ike_sa_look(duo_sa(d, A), &a);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(a.spi_i == b.spi_i && a.spi_r == b.spi_r);
	EXPECT(a.spi_i && a.spi_r);
	EXPECT(a.initiator && !b.initiator);
	EXPECT(ike_id_equal(a.id_local, b.id_remote));
	EXPECT(ike_id_equal(a.id_remote, b.id_local));
	EXPECT(duo_packet(d, A));
	EXPECT(duo_packet(d, B));
	/* Four messages, none twice. */
	EXPECT_EQ(d->nspoken, 4);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_UP], 1);
	EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_UP], 1);
	EXPECT_EQ(d->side[A].keymats, 2);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "setup_psk", setup_psk },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_auth", cases, argc, argv);
}
