/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which request is taken in which state, and by whom: the state machine of the
 * side that answers. The first row that fits is taken.
 */
#include "core/exchange.h"
#include "core/internal.h"

/* IKE_AUTH is asked by who began the SA, never the other way. */
static bool from_initiator(const struct ike_sa *sa,
			   const struct ike_payloads *pl)
{
	(void)pl;
	return !sa->initiator;
}

static bool rekeys_child(const struct ike_sa *sa, const struct ike_payloads *pl)
{
	(void)sa;
	return ike_find_notify(pl, N_REKEY_SA);
}

/* A child has selectors, an IKE SA has none (RFC 7296 section 1.3). */
static bool rekeys_ike(const struct ike_sa *sa, const struct ike_payloads *pl)
{
	(void)sa;
	return !ike_has(pl, PL_TSI);
}

static const struct exchange_row rows[] = {
	{ SA_IN(SA_HALF_OPEN), IKE_AUTH, from_initiator, auth_request,
	  "peer authenticates itself" },
	{ SA_IN(SA_ESTABLISHED), IKE_CREATE_CHILD_SA, rekeys_child,
	  rekey_child_request, "peer rekeys a child" },
	{ SA_IN(SA_ESTABLISHED) | SA_IN(SA_REKEYED) | SA_IN(SA_DELETING),
	  IKE_CREATE_CHILD_SA, rekeys_ike, rekey_ike_request,
	  "peer rekeys the IKE SA" },
	{ SA_IN(SA_ESTABLISHED), IKE_CREATE_CHILD_SA, NULL, child_request,
	  "peer makes a child" },
	{ SA_IN(SA_ESTABLISHED) | SA_IN(SA_REKEYED) | SA_IN(SA_DELETING),
	  IKE_INFORMATIONAL, NULL, info_request,
	  "peer informs or asks whether we live" },
};

const struct exchange_row *exchange_find(const struct ike_sa *sa,
					 uint8_t exchange,
					 const struct ike_payloads *pl)
{
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct exchange_row *row = &rows[i];

		if (row->exchange == exchange &&
		    row->states & SA_IN(sa->state) &&
		    (!row->match || row->match(sa, pl)))
			return row;
	}
	return NULL;
}
