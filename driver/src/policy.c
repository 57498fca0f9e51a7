// SPDX-License-Identifier: Apache-2.0
/* Policies: what can be asked for, and their list in order of evaluation. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "internal.h"

/* ---- what can be asked for ---- */

static int addr_cmp(const struct espalier_addr *a,
		    const struct espalier_addr *b)
{
	return memcmp(a->bytes, b->bytes, a->family == AF_INET ? 4 : 16);
}

static int check_range(const char *name, const struct espalier_addr *lo,
		       const struct espalier_addr *hi, int family,
		       struct espalier_err *err)
{
	if (lo->family != family || hi->family != family)
		return espi_fail(
			err, -EINVAL,
			"%s: families %d and %d; supported: one family in a "
			"policy, AF_INET (%d) or AF_INET6 (%d)",
			name, lo->family, hi->family, AF_INET, AF_INET6);
	if (addr_cmp(lo, hi) > 0)
		return espi_fail(err, -EINVAL,
				 "%s: the low end is above the high end", name);
	return 0;
}

/* Protocols whose first bytes the device reads as ports, or type and code. */
static bool has_ports(int proto)
{
	static const uint8_t protos[] = {
		IPPROTO_ICMP,	IPPROTO_TCP,  IPPROTO_UDP,	  33 /* DCCP */,
		IPPROTO_ICMPV6, IPPROTO_SCTP, 136 /* UDP-Lite */,
	};
	size_t i;

	for (i = 0; i < sizeof(protos); i++)
		if (protos[i] == proto)
			return true;
	return false;
}

static int check_ports(const char *name, uint16_t lo, uint16_t hi, int proto,
		       struct espalier_err *err)
{
	if (lo == 0 && hi == 65535)
		return 0;
	if (lo > hi)
		return espi_fail(err, -EINVAL,
				 "%s: %u is above %u; supported: low to high",
				 name, lo, hi);
	if (!has_ports(proto))
		return espi_fail(err, -EINVAL,
				 "%s: %u to %u with proto %d; supported: 0 to "
				 "65535, or a protocol with ports",
				 name, lo, hi, proto);
	if ((proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) && hi > 255)
		return espi_fail(err, -EINVAL,
				 "%s: %u; supported for ICMP: types and codes "
				 "0 to 255, or 0 to 65535 for any",
				 name, hi);
	return 0;
}

static int check_sa(struct espalier_dev *dev, uint32_t sa)
{
	if (!sa)
		return 0;
	if (ESPALIER_HANDLE_DIR(sa) != ESPALIER_DIR_OUT ||
	    !espi_sa_live(dev, sa))
		return espi_fail(&dev->err, -ENOENT,
				 "sa: 0x%08" PRIx32
				 " names no live outbound SA; supported: one "
				 "that is, or 0",
				 sa);
	return 0;
}

static int check_policy(struct espalier_dev *dev,
			const struct espalier_policy *p)
{
	const int family = p->src_lo.family;
	struct espalier_err *err = &dev->err;
	int ret;

	if (p->dir != ESPALIER_DIR_OUT && p->dir != ESPALIER_DIR_IN)
		return espi_fail(err, -EINVAL,
				 "dir: %d; supported: 0 (out) and 1 (in)",
				 p->dir);
	if ((unsigned int)p->action > ESPALIER_PROTECT)
		return espi_fail(err, -EINVAL,
				 "action: %d; supported: 0 (discard), 1 "
				 "(bypass), 2 (protect)",
				 p->action);
	if (family != AF_INET && family != AF_INET6)
		return espi_fail(err, -EINVAL,
				 "src: family %d; supported: AF_INET (%d) and "
				 "AF_INET6 (%d)",
				 family, AF_INET, AF_INET6);
	if (family == AF_INET ? !dev->caps.ipv4 : !dev->caps.ipv6)
		return espi_fail(err, -EOPNOTSUPP,
				 "src: family %d is not carried by the device",
				 family);
	ret = check_range("src", &p->src_lo, &p->src_hi, family, err);
	if (!ret)
		ret = check_range("dst", &p->dst_lo, &p->dst_hi, family, err);
	if (!ret && (p->proto < -1 || p->proto > 255))
		ret = espi_fail(err, -EINVAL,
				"proto: %d; supported: -1 (any) and 0 to 255",
				p->proto);
	if (!ret)
		ret = check_ports("sport", p->sport_lo, p->sport_hi, p->proto,
				  err);
	if (!ret)
		ret = check_ports("dport", p->dport_lo, p->dport_hi, p->proto,
				  err);
	if (!ret && p->dir == ESPALIER_DIR_OUT && p->action == ESPALIER_PROTECT)
		ret = check_sa(dev, p->sa);
	return ret;
}

/* ---- the list ---- */

static int find(const struct espalier_dev *dev, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < dev->npol; i++)
		if (dev->pol[i].id == id)
			return (int)i;
	return -ENOENT;
}

const struct espi_pol *espi_pol_find(const struct espalier_dev *dev,
				     uint32_t id)
{
	int pos = find(dev, id);

	return pos < 0 ? NULL : &dev->pol[pos];
}

static int find_or_say(struct espalier_dev *dev, uint32_t id)
{
	int pos = find(dev, id);

	if (pos < 0)
		espi_fail(&dev->err, pos, "id: no policy %" PRIu32, id);
	return pos;
}

static uint32_t new_id(struct espalier_dev *dev)
{
	do {
		dev->pol_next_id++;
	} while (!dev->pol_next_id || find(dev, dev->pol_next_id) >= 0);
	return dev->pol_next_id;
}

int espalier_policy_add(struct espalier_dev *dev,
			const struct espalier_policy *policy, uint32_t *id)
{
	struct espi_pol new;
	unsigned int pos;
	int ret;

	ret = check_policy(dev, policy);
	if (ret)
		return ret;
	if (dev->npol == dev->caps.spd_entries)
		return espi_fail(&dev->err, -ENOSPC,
				 "policy: all %u of both directions are in use",
				 dev->caps.spd_entries);
	for (pos = dev->npol; pos > 0; pos--)
		if (dev->pol[pos - 1].policy.priority <= policy->priority)
			break;

	espi_events_drain(dev);
	new.id = new_id(dev);
	new.policy = *policy;
	ret = espi_spd_add(dev, pos, new.id, policy, &new.at);
	if (ret)
		return ret;
	memmove(&dev->pol[pos + 1], &dev->pol[pos],
		(dev->npol - pos) * sizeof(*dev->pol));
	dev->npol++;
	dev->pol[pos] = new;
	*id = new.id;
	return 0;
}

int espalier_policy_set_sa(struct espalier_dev *dev, uint32_t id, uint32_t sa)
{
	struct espalier_policy next;
	int ret, pos;

	pos = find_or_say(dev, id);
	if (pos < 0)
		return pos;
	next = dev->pol[pos].policy;
	if (next.dir != ESPALIER_DIR_OUT || next.action != ESPALIER_PROTECT)
		return espi_fail(
			&dev->err, -EINVAL,
			"id: policy %" PRIu32
			" takes no SA; supported: outbound and protect",
			id);
	ret = check_sa(dev, sa);
	if (ret)
		return ret;
	next.sa = sa;
	ret = espi_spd_change(dev, &dev->pol[pos], &next);
	if (!ret)
		dev->pol[pos].policy = next;
	return ret;
}

int espalier_policy_del(struct espalier_dev *dev, uint32_t id)
{
	int pos, ret;

	pos = find_or_say(dev, id);
	if (pos < 0)
		return pos;
	espi_events_drain(dev);
	ret = espi_spd_del(dev, &dev->pol[pos]);
	if (ret)
		return ret; /* stays in the list: can be deleted again */
	dev->npol--;
	memmove(&dev->pol[pos], &dev->pol[pos + 1],
		(dev->npol - (unsigned int)pos) * sizeof(*dev->pol));
	return 0;
}

int espalier_policy_get(struct espalier_dev *dev, uint32_t id,
			struct espalier_policy *policy)
{
	int pos = find_or_say(dev, id);

	if (pos < 0)
		return pos;
	*policy = dev->pol[pos].policy;
	return 0;
}

uint32_t espalier_policy_next(struct espalier_dev *dev, uint32_t prev)
{
	int pos = -1;

	if (prev) {
		pos = find(dev, prev);
		if (pos < 0)
			return 0;
	}
	return (unsigned int)(pos + 1) < dev->npol ? dev->pol[pos + 1].id : 0;
}

int espalier_policy_flush(struct espalier_dev *dev)
{
	int ret;

	/* From the end: what still stands is the beginning of the old list, so
	 * that a packet gets its old answer or none, which is discard. */
	espi_events_drain(dev);
	while (dev->npol) {
		ret = espi_spd_del(dev, &dev->pol[dev->npol - 1]);
		if (ret)
			return ret;
		dev->npol--;
	}
	return 0;
}
