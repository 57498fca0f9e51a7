/* SPDX-License-Identifier: Apache-2.0 */
/* What the core reports, to the clients that asked to hear of it. */
#include <inttypes.h>
#include <string.h>
#include "vici/internal.h"

static bool anybody(const struct vici *v, enum vici_event_id ev)
{
	const struct client *c;

	for (c = v->clients; c; c = c->next)
		if (client_wants(c, ev))
			return true;
	return false;
}

static void put_log(struct section *to, enum ike_log_level level,
		    const struct ike_sa_info *info, const char *line)
{
	section_set(to, "group", "IKE", 3);
	section_setf(to, "level", "%d", (int)level);
	section_set(to, "thread", "1", 1);
	if (info) {
		section_setf(to, "ikesa-name", "%s", sa_name(info));
		section_setf(to, "ikesa-uniqueid", "%" PRIu32, info->id);
	}
	section_setf(to, "msg", "%s", line);
}

/* Lines of its own SA; those of none only while the core does its bidding. */
static bool control_wants(const struct vici *v, const struct client *c,
			  enum ike_log_level level,
			  const struct ike_sa_info *info)
{
	const struct pending *p = c->pending;

	if (!p || (int)level > p->level || !client_wants(c, EV_CONTROL_LOG))
		return false;
	if (!info)
		return v->running == c;
	return !p->conn[0] || !strcmp(p->conn, sa_name(info));
}

void vici_log(struct vici *v, enum ike_log_level level, const struct ike_sa *sa,
	      const char *line)
{
	struct ike_sa_info look = { 0 }, *info = NULL;
	struct section *msg = NULL;
	bool control = false;
	struct client *c;

	if (sa)
		ike_sa_look(sa, &look);
	if (sa)
		info = &look;
	for (c = v->clients; c; c = c->next)
		control |= control_wants(v, c, level, info);
	if (!control && !anybody(v, EV_LOG))
		return;
	msg = section_new();
	if (!msg)
		return;
	put_log(msg, level, info, line);
	vici_broadcast(v, EV_LOG, msg);
	for (c = v->clients; control && c; c = c->next)
		if (control_wants(v, c, level, info))
			client_event(c, EV_CONTROL_LOG, msg);
	section_free(msg);
}

static void put_rekeyed_ike(struct section *msg, const struct ike_event *ev,
			    uint64_t now)
{
	struct ike_sa_info info = { 0 };
	struct section *s;

	ike_sa_look(ev->sa, &info);
	s = section_add(msg, sa_name(&info));
	put_ike_sa(s, "old", ev->sa, now);
	put_ike_sa(s, "new", ev->sa2, now);
}

static void put_rekeyed_child(struct section *msg, const struct ike_event *ev,
			      uint64_t now)
{
	struct child_sa_info info = { 0 };
	struct section *s;

	child_sa_look(ev->child, &info);
	s = put_ike_sa(msg, NULL, ev->sa, now);
	s = section_add(section_add(s, "child-sas"), info.conf->name);
	put_child_sa(s, "old", ev->child, now);
	put_child_sa(s, "new", ev->child2, now);
}

void vici_event(struct vici *v, const struct ike_event *ev)
{
	static const enum vici_event_id ids[] = {
		[IKE_EV_IKE_UP] = EV_IKE_UPDOWN,
		[IKE_EV_IKE_DOWN] = EV_IKE_UPDOWN,
		[IKE_EV_IKE_REKEYED] = EV_IKE_REKEY,
		[IKE_EV_CHILD_UP] = EV_CHILD_UPDOWN,
		[IKE_EV_CHILD_DOWN] = EV_CHILD_UPDOWN,
		[IKE_EV_CHILD_REKEYED] = EV_CHILD_REKEY,
	};
	uint64_t now = vici_now(v);
	struct section *msg, *s;

	if (!anybody(v, ids[ev->type]))
		return;
	msg = section_new();
	if (!msg)
		return;
	if (ev->type == IKE_EV_IKE_UP || ev->type == IKE_EV_CHILD_UP)
		section_set(msg, "up", "yes", 3);
	if (ev->type == IKE_EV_IKE_REKEYED) {
		put_rekeyed_ike(msg, ev, now);
	} else if (ev->type == IKE_EV_CHILD_REKEYED) {
		put_rekeyed_child(msg, ev, now);
	} else {
		s = put_ike_sa(msg, NULL, ev->sa, now);
		if (ev->child)
			put_child_sa(section_add(s, "child-sas"), NULL,
				     ev->child, now);
	}
	vici_broadcast(v, ids[ev->type], msg);
	section_free(msg);
}
