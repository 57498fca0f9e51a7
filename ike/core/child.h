/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files about children share among each other; what the rest of the
 * core calls is in internal.h.
 */
#ifndef IKE_CORE_CHILD_H
#define IKE_CORE_CHILD_H

#include "core/internal.h"
#include "core/kex.h"

/* Time for who has to delete an SA that was replaced. Longer than peers usually
 * ask again (165 s): the answer by which it was replaced may be lost so long,
 * and until it came the peer uses the old one. */
#define REPLACED_LIFE (180 * IKE_USEC)

/**
 * struct child_task - begins every task about a child
 * @child: set to NULL by child_destroy() of it
 */
struct child_task {
	struct task task;
	struct child_sa *child;
};

/* child.c */
/** the child's own task, NULL when it has none */
static inline struct child_task *child_task_of(const struct child_sa *child)
{
	return child->task ? container_of(child->task, struct child_task, task)
			   : NULL;
}
/** key in ike->by_db of an id of the database */
static inline uint64_t child_db_key(uint32_t id, bool in)
{
	return (uint64_t)id << 1 | in;
}
void child_set_reqid(struct child_sa *child, uint16_t reqid);
/** child_install_out(), or it is deleted */
int child_start_out(struct child_sa *child);
/** outbound SA and policies are gone at once, taken over by what replaces it;
 *  the inbound SA goes on */
void child_stop_out(struct child_sa *child);
/** configured selectors with "dynamic" filled in; @out: room for TS_MAX */
unsigned int child_selectors(const struct ike_sa *sa, const struct child_ts *c,
			     unsigned int n, bool local, struct ts *out);
int child_set_selectors(struct child_sa *child, const struct ts *local,
			unsigned int nlocal, const struct ts *remote,
			unsigned int nremote);
bool child_same_selectors(const struct child_sa *a, const struct child_sa *b);
/** to the IKE SA that replaces its own */
void child_move(struct child_sa *child, struct ike_sa *to);
/** by the SPI that the peer receives on; not those that are only drained */
struct child_sa *child_by_peer_spi(struct ike_sa *sa, uint8_t protocol,
				   uint32_t spi);
const char *child_state_name(const struct child_sa *child);
void child_state(struct child_sa *child, enum child_state state,
		 const char *why);
/** installed both ways: state, log line, event */
void child_up(struct child_sa *child);

/* child_policy.c */
int child_policies_add(struct child_sa *child);
/** those of @old become its own; outbound ones point at its SA afterwards */
int child_policies_take(struct child_sa *child, struct child_sa *old);
void child_policies_remove(struct child_sa *child);
/**
 * policy_pairs() - the policies that a pair of selector sets means
 * @f: called for each, outbound and inbound in turn; an errno ends it
 * Return: what @f said, -EOPNOTSUPP with ike_fail() for a selector that no
 * policy of the device can say
 */
int policy_pairs(struct ike *ike, const struct ts *local, unsigned int nlocal,
		 const struct ts *remote, unsigned int nremote,
		 uint32_t priority,
		 int (*f)(void *arg, struct espalier_policy *p), void *arg);

/* offer.c: what the database can carry, proposals of a child */
unsigned int child_icv_len(uint16_t encr);
unsigned int child_window(const struct ike *ike, const struct child_conf *c);
/** the proposal as agreed */
void child_proposal(const struct child_sa *child, struct proposal *p);
/** the first half of child_take_answer(): nothing is installed yet */
int child_take_choice(struct child_sa *child, const struct ike_payloads *pl,
		      bool in_auth);
/** key exchange as agreed */
static inline uint16_t child_ke(const struct child_sa *child)
{
	return child->t[2].type ? child->t[2].id : KE_NONE;
}
/** group to begin with in an exchange of its own; KE_NONE: without */
uint16_t child_group(const struct child_sa *child);

/* create.c */
/** INVALID_SYNTAX: the end of the IKE SA on both sides (2.21.3) */
void child_bad_syntax(struct ike_sa *sa, struct ike_writer *reply);
/** the notification for what the database would not take */
enum ike_notify child_refusal(int err);

/** our rekey of the IKE SA is under way: no child is made meanwhile (2.25.2),
 *  the refusal is in @reply; while it only waits to ask again, one may be */
bool child_not_now(struct ike_sa *sa, struct ike_writer *reply);

/** the answer to a request of ours may be under way, and the peer already
 *  speaks of the child that it makes */
static inline bool child_may_come(const struct ike_sa *sa)
{
	return sa->busy && sa->busy->ops->exchange == IKE_CREATE_CHILD_SA;
}

/* delete.c */
/** what was replaced: nothing is sent on it any more, and what is still under
 *  way is received for a while */
void child_drain(struct child_sa *child);

/* expire.c */
void child_rekey_timer(struct ike *ike, struct timer *t);
void child_expire_timer(struct ike *ike, struct timer *t);
/** close and dpd actions: does what is gone come back? */
void child_again(struct ike_sa *sa, const struct child_conf *conf,
		 enum down_reason reason);

/* renew.c */
/**
 * renew_start() - another IKE SA with the children of @sa, which is deleted
 * then; says in the log what comes of it
 * @first: wanted beside or ahead of those, with @cmd; may be NULL
 * Return: 0: begun, or a negative errno: @sa goes on
 */
int renew_start(struct ike_sa *sa, const struct child_conf *first,
		struct command *cmd);
/** of the child that one of @conf on @sa stands in for; 0: of none */
uint16_t renew_reqid(const struct ike_sa *sa, const struct child_conf *conf);
/** is a child of it in use? */
bool renew_has_children(const struct ike_sa *sa);

/* rekey_ike.c */
bool rekey_ike_under_way(const struct ike_sa *sa);

/* rekey_child.c */
/** it was destroyed: whoever replaces it or is replaced by it forgets it */
void child_rekey_gone(struct child_sa *child);
/** does the peer send on what it made in place of another? */
void child_switch_timer(struct ike *ike, struct timer *t);
/** the peer deletes what it made, but not what that replaced: the old one goes
 *  on */
void child_rekey_undone(struct child_sa *heir);
/** @t is under way and its child is deleted: what it makes goes too */
void rekey_child_unwanted(struct task *t);

#endif /* IKE_CORE_CHILD_H */
