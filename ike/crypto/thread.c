// SPDX-License-Identifier: Apache-2.0
/*
 * Contexts that a thread keeps: making one costs as much as using it.
 */
#include <pthread.h>
#include <stdlib.h>
#include "crypto/internal.h"

static pthread_key_t key;
static bool have_key;

static void let_go(void *arg)
{
	struct ike_thread *t = arg;

	for (unsigned int i = 0; i < IKE_PRFS; i++)
		EVP_MAC_CTX_free(t->prf[i]);
	for (unsigned int i = 0; i < IKE_KE_METHODS; i++)
		EVP_PKEY_CTX_free(t->pair[i]);
	free(t);
}

static void make_key(void)
{
	have_key = !pthread_key_create(&key, let_go);
}

struct ike_thread *ike_thread(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static _Thread_local struct ike_thread *mine;

	if (mine)
		return mine;
	pthread_once(&once, make_key);
	mine = have_key ? calloc(1, sizeof(*mine)) : NULL;
	if (mine && pthread_setspecific(key, mine)) {
		free(mine);
		mine = NULL;
	}
	return mine;
}
