// SPDX-License-Identifier: Apache-2.0
/* What the gates have, and whether the blob says the same. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "internal.h"

int espi_caps_read(struct espalier_dev *dev, struct espalier_err *err)
{
	struct espalier_caps *c = &dev->caps;
	uint32_t v;

	v = espi_rd(dev, ESPALIER_REG_ID);
	if (v != ESPALIER_ID_RESET_VALUE)
		return espi_fail(err, -ENODEV,
				 "register ID: 0x%08" PRIx32
				 "; an Espalier has 0x%08x",
				 v, ESPALIER_ID_RESET_VALUE);
	v = espi_rd(dev, ESPALIER_REG_VERSION);
	c->version_major = REG_GET(v, ESPALIER_VERSION_MAJOR);
	c->version_minor = REG_GET(v, ESPALIER_VERSION_MINOR);
	if (c->version_major !=
	    REG_GET(ESPALIER_VERSION_RESET_VALUE, ESPALIER_VERSION_MAJOR))
		return espi_fail(
			err, -EPROTO,
			"register VERSION: %u.%u; this driver knows %u.x",
			c->version_major, c->version_minor,
			REG_GET(ESPALIER_VERSION_RESET_VALUE,
				ESPALIER_VERSION_MAJOR));

	v = espi_rd(dev, ESPALIER_REG_CAPS);
	c->mgmt_core = REG_GET(v, ESPALIER_CAPS_MGMT_CORE);
	c->test_hooks = REG_GET(v, ESPALIER_CAPS_TEST_HOOKS);
	c->esn = REG_GET(v, ESPALIER_CAPS_ESN);
	c->tunnel = REG_GET(v, ESPALIER_CAPS_TUNNEL);
	c->transport = REG_GET(v, ESPALIER_CAPS_TRANSPORT);
	c->ipv4 = REG_GET(v, ESPALIER_CAPS_IPV4);
	c->ipv6 = REG_GET(v, ESPALIER_CAPS_IPV6);

	v = espi_rd(dev, ESPALIER_REG_CAPS_ALG);
	c->icv_algs =
		(REG_GET(v, ESPALIER_CAPS_ALG_GCM16) ? ESPALIER_ALG_GCM16 : 0) |
		(REG_GET(v, ESPALIER_CAPS_ALG_GCM12) ? ESPALIER_ALG_GCM12 : 0) |
		(REG_GET(v, ESPALIER_CAPS_ALG_GCM8) ? ESPALIER_ALG_GCM8 : 0);
	c->key128 = REG_GET(v, ESPALIER_CAPS_ALG_AES128);
	c->key256 = REG_GET(v, ESPALIER_CAPS_ALG_AES256);

	v = espi_rd(dev, ESPALIER_REG_CAPS_SA);
	c->sa_entries = REG_GET(v, ESPALIER_CAPS_SA_ENTRIES);
	c->window_min = ESPI_WINDOW_MIN;
	c->window_max = REG_GET(v, ESPALIER_CAPS_SA_WINDOW_MAX);

	v = espi_rd(dev, ESPALIER_REG_CAPS_SPD);
	c->spd_entries = REG_GET(v, ESPALIER_CAPS_SPD_ENTRIES);
	c->spd_flows = REG_GET(v, ESPALIER_CAPS_SPD_FLOWS);

	v = espi_rd(dev, ESPALIER_REG_CAPS_QUEUE);
	c->queues = REG_GET(v, ESPALIER_CAPS_QUEUE_QUEUES);
	c->frame_max = REG_GET(v, ESPALIER_CAPS_QUEUE_FRAME_MAX);

	v = REG_GET(v, ESPALIER_CAPS_QUEUE_RING_LOG2_MAX);
	c->tx_ring = c->rx_ring = v < 16 ? 1u << v : 0; /* for caps_check */

	v = espi_rd(dev, ESPALIER_REG_CAPS_CORE);
	c->lanes = REG_GET(v, ESPALIER_CAPS_CORE_LANES);
	c->engines = REG_GET(v, ESPALIER_CAPS_CORE_ENGINES);
	c->cycles = REG_GET(v, ESPALIER_CAPS_CORE_CYCLES);

	/* Everything below is sized and indexed by these. */
	if (!c->sa_entries || c->sa_entries > 4096 ||
	    (c->sa_entries & (c->sa_entries - 1)))
		return espi_fail(err, -EPROTO,
				 "register CAPS_SA: %u SA entries; a power of "
				 "two up to 4096 can be",
				 c->sa_entries);
	if (!c->spd_entries || c->spd_entries > 4096)
		return espi_fail(
			err, -EPROTO,
			"register CAPS_SPD: %u policies; 1 to 4096 can be",
			c->spd_entries);
	if (!c->queues || c->queues > ESPI_QUEUES_MAX ||
	    (c->queues & (c->queues - 1)))
		return espi_fail(err, -EPROTO,
				 "register CAPS_QUEUE: %u queue pairs; a power "
				 "of two up to %u can be",
				 c->queues, ESPI_QUEUES_MAX);
	if (c->mgmt_core)
		return espi_fail(err, -EOPNOTSUPP,
				 "register CAPS: mgmt_core 1; this driver "
				 "writes the tables itself and supports 0");
	return 0;
}

static int differ(const struct espalier_dev *dev, struct espalier_err *err,
		  const char *prop, unsigned int blob, unsigned int gates)
{
	return espi_fail(
		err, -EPROTO,
		"%.100s: %s: the device tree says %u, the device has %u",
		dev->dt.node, prop, blob, gates);
}

int espi_caps_check(struct espalier_dev *dev, struct espalier_err *err)
{
	const struct espi_dt *dt = &dev->dt;
	struct espalier_caps *c = &dev->caps;
	unsigned int ring_max = c->tx_ring;

	if (dt->queues != c->queues)
		return differ(dev, err, "espalier,num-queues", dt->queues,
			      c->queues);
	if (dt->sa_entries && dt->sa_entries != c->sa_entries)
		return differ(dev, err, "espalier,sa-entries", dt->sa_entries,
			      c->sa_entries);
	if (dt->spd_entries && dt->spd_entries != c->spd_entries)
		return differ(dev, err, "espalier,policy-entries",
			      dt->spd_entries, c->spd_entries);
	if (dt->window_max && dt->window_max != c->window_max)
		return differ(dev, err, "espalier,replay-window-max",
			      dt->window_max, c->window_max);
	if (dt->tx_ring > ring_max)
		return differ(dev, err, "espalier,tx-ring-size", dt->tx_ring,
			      ring_max);
	if (dt->rx_ring > ring_max)
		return differ(dev, err, "espalier,rx-ring-size", dt->rx_ring,
			      ring_max);
	c->tx_ring = dt->tx_ring;
	c->rx_ring = dt->rx_ring;
	c->buf_size = dt->buf_size;
	memcpy(c->mac, dt->mac, 6);
	return 0;
}

void espalier_get_caps(const struct espalier_dev *dev,
		       struct espalier_caps *caps)
{
	*caps = dev->caps;
}
