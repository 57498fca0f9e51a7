// SPDX-License-Identifier: Apache-2.0
/* SAD and SPD as lists (RFC 4301 section 4.4). */
#include <stdlib.h>
#include <string.h>
#include "ref.h"

void ref_dev_init(struct ref_dev *dev, const uint8_t mac[6])
{
	memset(dev, 0, sizeof(*dev));
	memcpy(dev->mac, mac, 6);
}

void ref_dev_free(struct ref_dev *dev)
{
	while (dev->sas)
		ref_sa_del(dev, dev->sas->handle);
	while (dev->policies)
		ref_policy_del(dev, dev->policies->id);
}

struct ref_sa *ref_sa_add(struct ref_dev *dev, const struct espalier_sa *cfg,
			  uint32_t handle)
{
	struct ref_sa *sa = calloc(1, sizeof(*sa));

	if (!sa)
		abort();
	sa->cfg = *cfg;
	sa->handle = handle;
	sa->seq = cfg->seq;
	ref_window_init(&sa->window, cfg->window, cfg->seq);
	sa->next = dev->sas;
	dev->sas = sa;
	return sa;
}

struct ref_sa *ref_sa_find(struct ref_dev *dev, uint32_t handle)
{
	struct ref_sa *sa = dev->sas;

	while (sa && sa->handle != handle)
		sa = sa->next;
	return sa;
}

void ref_sa_del(struct ref_dev *dev, uint32_t handle)
{
	for (struct ref_sa **p = &dev->sas; *p; p = &(*p)->next) {
		struct ref_sa *sa = *p;

		if (sa->handle != handle)
			continue;
		*p = sa->next;
		ref_window_free(&sa->window);
		free(sa);
		return;
	}
}

/* RFC 4301 section 4.4.2.1: a hard lifetime ends the SA. The datagram with
 * which it is reached or passed is the last one. */
void ref_sa_count(struct ref_sa *sa, size_t len)
{
	const struct espalier_limits *l = &sa->cfg.limits;

	sa->packets++;
	sa->bytes += len;
	if ((l->hard_bytes && sa->bytes >= l->hard_bytes) ||
	    (l->hard_packets && sa->packets >= l->hard_packets))
		sa->hard = true;
}

void ref_policy_add(struct ref_dev *dev, const struct espalier_policy *cfg,
		    uint32_t id)
{
	struct ref_policy **p = &dev->policies;
	struct ref_policy *pol = calloc(1, sizeof(*pol));

	if (!pol)
		abort();
	pol->cfg = *cfg;
	pol->id = id;
	while (*p && (*p)->cfg.priority <= cfg->priority)
		p = &(*p)->next;
	pol->next = *p;
	*p = pol;
}

void ref_policy_set_sa(struct ref_dev *dev, uint32_t id, uint32_t handle)
{
	for (struct ref_policy *p = dev->policies; p; p = p->next)
		if (p->id == id)
			p->cfg.sa = handle;
}

void ref_policy_del(struct ref_dev *dev, uint32_t id)
{
	for (struct ref_policy **p = &dev->policies; *p; p = &(*p)->next) {
		struct ref_policy *pol = *p;

		if (pol->id != id)
			continue;
		*p = pol->next;
		free(pol);
		return;
	}
}

static bool addr_in(const uint8_t *a, const struct espalier_addr *lo,
		    const struct espalier_addr *hi)
{
	size_t n = lo->family == AF_INET ? 4 : 16;

	return memcmp(a, lo->bytes, n) >= 0 && memcmp(a, hi->bytes, n) <= 0;
}

static bool port_in(const struct ref_ip *ip, uint16_t port, uint16_t lo,
		    uint16_t hi)
{
	if (lo == 0 && hi == 65535)
		return true;
	return ip->ports_ok && port >= lo && port <= hi;
}

const struct ref_policy *ref_policy_match(const struct ref_dev *dev,
					  enum espalier_dir dir,
					  const struct ref_ip *ip)
{
	int family = ip->kind == REF_IPV4 ? AF_INET : AF_INET6;

	for (const struct ref_policy *p = dev->policies; p; p = p->next) {
		const struct espalier_policy *c = &p->cfg;

		if (c->dir == dir && c->src_lo.family == family &&
		    addr_in(ip->src, &c->src_lo, &c->src_hi) &&
		    addr_in(ip->dst, &c->dst_lo, &c->dst_hi) &&
		    (c->proto < 0 || c->proto == ip->proto) &&
		    port_in(ip, ip->sport, c->sport_lo, c->sport_hi) &&
		    port_in(ip, ip->dport, c->dport_lo, c->dport_hi))
			return p;
	}
	return NULL;
}
