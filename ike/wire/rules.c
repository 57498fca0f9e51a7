// SPDX-License-Identifier: Apache-2.0
/*
 * Which payload may come how often, in which exchange, request or response, in
 * clear or encrypted: the diagrams of RFC 7296 sections 1.2 to 1.5 and its
 * appendix C as one table. A message may have several forms; a payload that a
 * form does not name is not allowed in it, except V and N, which every form
 * allows (section 3.10: notifications may come anywhere; 3.12: so may vendor
 * ids).
 */
#include <stdio.h>
#include <string.h>
#include "wire/rules.h"

#define ANY_NUMBER 255

enum side { REQUEST, RESPONSE };
enum cover { CLEAR, SEALED };

struct form {
	uint8_t exchange;
	enum side side;
	enum cover cover;
	bool failure; /* only with an error notification or COOKIE */
	struct {
		uint8_t type, min, max;
	} pl[11];
};

static const struct form forms[] = {
	{ IKE_SA_INIT,
	  REQUEST,
	  CLEAR,
	  false,
	  { { PL_SA, 1, 1 }, { PL_KE, 1, 1 }, { PL_NONCE, 1, 1 } } },
	{ IKE_SA_INIT,
	  RESPONSE,
	  CLEAR,
	  false,
	  { { PL_SA, 1, 1 },
	    { PL_KE, 1, 1 },
	    { PL_NONCE, 1, 1 },
	    { PL_CERTREQ, 0, IKE_MAX_CERTS } } },
	/* COOKIE (2.6), INVALID_KE_PAYLOAD (1.3), or refused (2.21.1) */
	{ IKE_SA_INIT, RESPONSE, CLEAR, true, { { 0 } } },

	{ IKE_AUTH,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_IDI, 1, 1 },
	    { PL_CERT, 0, IKE_MAX_CERTS },
	    { PL_CERTREQ, 0, IKE_MAX_CERTS },
	    { PL_IDR, 0, 1 },
	    { PL_AUTH, 1, 1 },
	    { PL_CP, 0, 1 },
	    { PL_SA, 1, 1 },
	    { PL_TSI, 1, 1 },
	    { PL_TSR, 1, 1 } } },
	/* the IKE SA alone (RFC 6023) */
	{ IKE_AUTH,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_IDI, 1, 1 },
	    { PL_CERT, 0, IKE_MAX_CERTS },
	    { PL_CERTREQ, 0, IKE_MAX_CERTS },
	    { PL_IDR, 0, 1 },
	    { PL_AUTH, 1, 1 },
	    { PL_CP, 0, 1 } } },
	/* without AUTH: the initiator asks for EAP (2.16); a responder that
	 * does not speak it answers AUTHENTICATION_FAILED, so the message has
	 * to be readable */
	{ IKE_AUTH,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_IDI, 1, 1 },
	    { PL_CERTREQ, 0, IKE_MAX_CERTS },
	    { PL_IDR, 0, 1 },
	    { PL_CP, 0, 1 },
	    { PL_SA, 1, 1 },
	    { PL_TSI, 1, 1 },
	    { PL_TSR, 1, 1 } } },
	{ IKE_AUTH,
	  RESPONSE,
	  SEALED,
	  false,
	  { { PL_IDR, 1, 1 },
	    { PL_CERT, 0, IKE_MAX_CERTS },
	    { PL_AUTH, 1, 1 },
	    { PL_CP, 0, 1 },
	    { PL_SA, 1, 1 },
	    { PL_TSI, 1, 1 },
	    { PL_TSR, 1, 1 } } },
	/* authenticated, but no child: none was asked for (RFC 6023), or it was
	 * refused (1.2: the IKE SA is up) */
	{ IKE_AUTH,
	  RESPONSE,
	  SEALED,
	  false,
	  { { PL_IDR, 1, 1 },
	    { PL_CERT, 0, IKE_MAX_CERTS },
	    { PL_AUTH, 1, 1 },
	    { PL_CP, 0, 1 } } },
	{ IKE_AUTH, RESPONSE, SEALED, true, { { PL_IDR, 0, 1 } } },

	/* a child, new or rekeyed (1.3.1, 1.3.3) */
	{ IKE_CREATE_CHILD_SA,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_SA, 1, 1 },
	    { PL_NONCE, 1, 1 },
	    { PL_KE, 0, 1 },
	    { PL_CP, 0, 1 },
	    { PL_TSI, 1, 1 },
	    { PL_TSR, 1, 1 } } },
	/* the IKE SA rekeyed (1.3.2): KE is a must */
	{ IKE_CREATE_CHILD_SA,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_SA, 1, 1 }, { PL_NONCE, 1, 1 }, { PL_KE, 1, 1 } } },
	{ IKE_CREATE_CHILD_SA,
	  RESPONSE,
	  SEALED,
	  false,
	  { { PL_SA, 1, 1 },
	    { PL_NONCE, 1, 1 },
	    { PL_KE, 0, 1 },
	    { PL_CP, 0, 1 },
	    { PL_TSI, 1, 1 },
	    { PL_TSR, 1, 1 } } },
	{ IKE_CREATE_CHILD_SA,
	  RESPONSE,
	  SEALED,
	  false,
	  { { PL_SA, 1, 1 }, { PL_NONCE, 1, 1 }, { PL_KE, 1, 1 } } },
	{ IKE_CREATE_CHILD_SA, RESPONSE, SEALED, true, { { 0 } } },

	{ IKE_INFORMATIONAL,
	  REQUEST,
	  SEALED,
	  false,
	  { { PL_DELETE, 0, IKE_MAX_DELETES }, { PL_CP, 0, 1 } } },
	{ IKE_INFORMATIONAL,
	  RESPONSE,
	  SEALED,
	  false,
	  { { PL_DELETE, 0, IKE_MAX_DELETES }, { PL_CP, 0, 1 } } },
};

bool rules_known(uint8_t type)
{
	return (type >= PL_SA && type <= PL_EAP) || type == PL_SKF;
}

static void bounds(const struct form *f, uint8_t type, unsigned int *min,
		   unsigned int *max)
{
	*min = 0;
	*max = type == PL_NOTIFY   ? IKE_MAX_NOTIFIES
	       : type == PL_VENDOR ? ANY_NUMBER
				   : 0;
	for (unsigned int i = 0; i < sizeof(f->pl) / sizeof(f->pl[0]); i++) {
		if (f->pl[i].type == type) {
			*min = f->pl[i].min;
			*max = f->pl[i].max;
		}
	}
}

/* Return: payload type at fault, 0 = it fits; -1: it names no failure */
static int fits(const struct form *f, const struct pl_count *c,
		unsigned int *min, unsigned int *max)
{
	for (unsigned int type = PL_SA; type < PL_SA + RULE_TYPES; type++) {
		unsigned int n = c->n[type - PL_SA];

		bounds(f, type, min, max);
		if (n < *min || (n > *max && *max != ANY_NUMBER))
			return type;
	}
	return f->failure && !c->failure ? -1 : 0;
}

bool rules_check(uint8_t exchange, bool response, bool clear,
		 const struct pl_count *count, uint8_t *payload, char *text,
		 size_t size)
{
	unsigned int min, max, wmin = 0, wmax = 0;
	const char *name = ike_exchange_name(exchange);
	int bad, worst = 0;

	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *f = &forms[i];

		if (f->exchange != exchange ||
		    f->side != (response ? RESPONSE : REQUEST) ||
		    f->cover != (clear ? CLEAR : SEALED))
			continue;
		bad = fits(f, count, &min, &max);
		if (!bad)
			return true;
		/* the first form is the common one: it gives the reason */
		if (!worst) {
			worst = bad;
			wmin = min;
			wmax = max;
		}
	}
	*payload = worst > 0 ? worst : 0;
	if (worst <= 0)
		snprintf(text, size, "%s (%u) %s is not known here",
			 name ? name : "exchange", exchange,
			 clear ? "in clear" : "encrypted");
	else
		snprintf(text, size, "%s %s with %u %s payloads, %u to %u fit",
			 name, response ? "response" : "request",
			 count->n[worst - PL_SA], ike_payload_name(worst), wmin,
			 wmax);
	return false;
}
