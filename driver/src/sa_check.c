// SPDX-License-Identifier: Apache-2.0
/*
 * Everything about an SA that can be refused, refused before anything is
 * touched. -EINVAL: no device could; -EOPNOTSUPP: this one cannot.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "internal.h"

#define ESP_SEQ32_MAX 0xffffffffull
#define MTU_MIN_V4 68 /* RFC 791 */
#define MTU_MIN_V6 1280 /* RFC 8200 section 5 */
#define MTU_MAX 65535

static bool family_known(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static bool unspecified(const struct espalier_addr *a)
{
	static const uint8_t zero[16];

	return !memcmp(a->bytes, zero, a->family == AF_INET ? 4 : 16);
}

static bool multicast(const struct espalier_addr *a)
{
	return a->family == AF_INET ? (a->bytes[0] & 0xf0) == 0xe0
				    : a->bytes[0] == 0xff;
}

static int check_addrs(const struct espalier_dev *dev,
		       const struct espalier_sa *sa, struct espalier_err *err)
{
	/* In transport mode, and inbound, the source is a remark. */
	const bool need_src =
		sa->dir == ESPALIER_DIR_OUT && sa->mode == ESPALIER_MODE_TUNNEL;

	if (!family_known(sa->dst.family))
		return espi_fail(err, -EINVAL,
				 "dst: family %d; supported: AF_INET (%d) and "
				 "AF_INET6 (%d)",
				 sa->dst.family, AF_INET, AF_INET6);
	if ((need_src || sa->src.family != AF_UNSPEC) &&
	    sa->src.family != sa->dst.family)
		return espi_fail(err, -EINVAL,
				 "src: family %d, dst has %d; supported: the "
				 "same family",
				 sa->src.family, sa->dst.family);
	if (sa->dst.family == AF_INET && !dev->caps.ipv4)
		return espi_fail(err, -EOPNOTSUPP,
				 "dst: IPv4; the device carries IPv6 only");
	if (sa->dst.family == AF_INET6 && !dev->caps.ipv6)
		return espi_fail(err, -EOPNOTSUPP,
				 "dst: IPv6; the device carries IPv4 only");
	if (unspecified(&sa->dst))
		return espi_fail(
			err, -EINVAL,
			"dst: the unspecified address; supported: any other");
	if (need_src && (unspecified(&sa->src) || multicast(&sa->src)))
		return espi_fail(err, -EINVAL,
				 "src: unspecified or multicast; supported: a "
				 "unicast address");
	return 0;
}

static int check_crypto(const struct espalier_dev *dev,
			const struct espalier_sa *sa, struct espalier_err *err)
{
	static const struct {
		unsigned int len;
		uint32_t alg;
	} icv[] = {
		{ 16, ESPALIER_ALG_GCM16 },
		{ 12, ESPALIER_ALG_GCM12 },
		{ 8, ESPALIER_ALG_GCM8 },
	};
	const struct espalier_caps *c = &dev->caps;
	unsigned int i;

	if (sa->key_len != 20 && sa->key_len != 36)
		return espi_fail(err, -EINVAL,
				 "key_len: %u; supported: 20 (AES-128 and "
				 "salt) and 36 (AES-256 and salt)",
				 sa->key_len);
	if ((sa->key_len == 20 && !c->key128) ||
	    (sa->key_len == 36 && !c->key256))
		return espi_fail(err, -EOPNOTSUPP,
				 "key_len: %u; the device supports%s%s",
				 sa->key_len, c->key128 ? " 20" : "",
				 c->key256 ? " 36" : "");
	for (i = 0; i < 3 && icv[i].len != sa->icv_len; i++)
		;
	if (i == 3)
		return espi_fail(err, -EINVAL,
				 "icv_len: %u; supported: 16, 12 and 8",
				 sa->icv_len);
	if (!(c->icv_algs & icv[i].alg))
		return espi_fail(err, -EOPNOTSUPP,
				 "icv_len: %u; the device supports%s%s%s",
				 sa->icv_len,
				 c->icv_algs & ESPALIER_ALG_GCM16 ? " 16" : "",
				 c->icv_algs & ESPALIER_ALG_GCM12 ? " 12" : "",
				 c->icv_algs & ESPALIER_ALG_GCM8 ? " 8" : "");
	return 0;
}

static int check_sequence(const struct espalier_dev *dev,
			  const struct espalier_sa *sa,
			  struct espalier_err *err)
{
	const struct espalier_caps *c = &dev->caps;

	if (sa->esn && !c->esn)
		return espi_fail(err, -EOPNOTSUPP,
				 "esn: true; the device supports 32-bit "
				 "sequence numbers only");
	if (!sa->esn && sa->seq > ESP_SEQ32_MAX)
		return espi_fail(err, -EINVAL,
				 "seq: %" PRIu64
				 "; supported without esn: 0 to %llu",
				 sa->seq, ESP_SEQ32_MAX);
	if (sa->dir != ESPALIER_DIR_IN)
		return 0;
	if (sa->window &&
	    (sa->window < c->window_min || sa->window > c->window_max))
		return espi_fail(err, -EOPNOTSUPP,
				 "window: %u; supported: 0 (off) and %u to %u",
				 sa->window, c->window_min, c->window_max);
	/* The high half is inferred from the window, RFC 4303 appendix A. */
	if (sa->esn && !sa->window)
		return espi_fail(
			err, -EINVAL,
			"window: 0 with esn; supported with esn: %u to %u",
			c->window_min, c->window_max);
	return 0;
}

static int check_out(const struct espalier_sa *sa, struct espalier_err *err)
{
	if ((unsigned int)sa->df > ESPALIER_DF_CLEAR)
		return espi_fail(
			err, -EINVAL,
			"df: %d; supported: 0 (copy), 1 (set), 2 (clear)",
			sa->df);
	if (sa->dscp < -1 || sa->dscp > 63)
		return espi_fail(err, -EINVAL,
				 "dscp: %d; supported: -1 (copy) and 0 to 63",
				 sa->dscp);
	if (sa->ttl > 255)
		return espi_fail(err, -EINVAL,
				 "ttl: %u; supported: 0 (copy) to 255",
				 sa->ttl);
	if (sa->flow_label > 0xfffff ||
	    (sa->flow_label && sa->dst.family != AF_INET6))
		return espi_fail(err, -EINVAL,
				 "flow_label: 0x%" PRIx32
				 "; supported: 0 to 0xfffff, IPv6 only",
				 sa->flow_label);
	return 0;
}

static int check_limit(const char *name, uint64_t soft, uint64_t hard,
		       struct espalier_err *err)
{
	if (hard && soft > hard)
		return espi_fail(err, -EINVAL,
				 "soft_%s: %" PRIu64
				 " is above hard_%s, %" PRIu64
				 "; supported: soft up to hard",
				 name, soft, name, hard);
	return 0;
}

int espi_limits_check(const struct espalier_limits *l, unsigned int mtu,
		      enum espalier_dir dir, int family,
		      struct espalier_err *err)
{
	const unsigned int mtu_min =
		family == AF_INET6 ? MTU_MIN_V6 : MTU_MIN_V4;
	int ret;

	ret = check_limit("bytes", l->soft_bytes, l->hard_bytes, err);
	if (ret)
		return ret;
	ret = check_limit("packets", l->soft_packets, l->hard_packets, err);
	if (ret)
		return ret;
	if (dir == ESPALIER_DIR_OUT && mtu && (mtu < mtu_min || mtu > MTU_MAX))
		return espi_fail(err, -EINVAL,
				 "mtu: %u; supported: 0 (none) and %u to %u",
				 mtu, mtu_min, MTU_MAX);
	return 0;
}

int espi_sa_check(const struct espalier_dev *dev, const struct espalier_sa *sa,
		  struct espalier_err *err)
{
	const struct espalier_caps *c = &dev->caps;
	int ret;

	if (sa->dir != ESPALIER_DIR_OUT && sa->dir != ESPALIER_DIR_IN)
		return espi_fail(err, -EINVAL,
				 "dir: %d; supported: 0 (out) and 1 (in)",
				 sa->dir);
	if (sa->mode != ESPALIER_MODE_TRANSPORT &&
	    sa->mode != ESPALIER_MODE_TUNNEL)
		return espi_fail(
			err, -EINVAL,
			"mode: %d; supported: 0 (transport) and 1 (tunnel)",
			sa->mode);
	if (sa->mode == ESPALIER_MODE_TUNNEL ? !c->tunnel : !c->transport)
		return espi_fail(err, -EOPNOTSUPP,
				 "mode: %d; the device supports%s%s", sa->mode,
				 c->transport ? " 0 (transport)" : "",
				 c->tunnel ? " 1 (tunnel)" : "");
	/* RFC 4303 section 2.1 */
	if (sa->spi < 256)
		return espi_fail(err, -EINVAL,
				 "spi: %" PRIu32
				 "; supported: 256 and above, 0 is local and 1 "
				 "to 255 are reserved",
				 sa->spi);
	if (sa->encap_sport || sa->encap_dport)
		return espi_fail(
			err, -EOPNOTSUPP,
			"%s: %u; supported: 0, the device does no UDP "
			"encapsulation",
			sa->encap_sport ? "encap_sport" : "encap_dport",
			sa->encap_sport ? sa->encap_sport : sa->encap_dport);
	ret = check_addrs(dev, sa, err);
	if (!ret)
		ret = check_crypto(dev, sa, err);
	if (!ret)
		ret = check_sequence(dev, sa, err);
	if (!ret && sa->dir == ESPALIER_DIR_OUT)
		ret = check_out(sa, err);
	if (!ret && sa->dir == ESPALIER_DIR_IN &&
	    (sa->queue < -1 || sa->queue >= (int)dev->nqueues))
		ret = espi_fail(err, -EINVAL,
				"queue: %d; supported: -1 (by hash) to %u",
				sa->queue, dev->nqueues - 1);
	if (!ret)
		ret = espi_limits_check(&sa->limits, sa->mtu, sa->dir,
					sa->dst.family, err);
	return ret;
}
