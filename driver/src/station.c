// SPDX-License-Identifier: Apache-2.0
/* Station address, switches and coalescing: what is not of one packet. */
#include <errno.h>
#include <string.h>
#include "internal.h"

#define OPTIONS_ALL                                                            \
	(ESPALIER_OPT_OUT_NONIP_BYPASS | ESPALIER_OPT_IN_NONIP_BYPASS |        \
	 ESPALIER_OPT_OUT_ARP_BYPASS | ESPALIER_OPT_IN_ARP_BYPASS |            \
	 ESPALIER_OPT_PROMISC)

_Static_assert(OPTIONS_ALL == (ESPALIER_CTRL_OUT_NONIP_BYPASS_MASK |
			       ESPALIER_CTRL_IN_NONIP_BYPASS_MASK |
			       ESPALIER_CTRL_OUT_ARP_BYPASS_MASK |
			       ESPALIER_CTRL_IN_ARP_BYPASS_MASK |
			       ESPALIER_CTRL_PROMISC_MASK),
	       "options are the bits of CTRL");

void espi_station_program(struct espalier_dev *dev, bool enable)
{
	const uint8_t *m = dev->caps.mac;

	espi_wr(dev, ESPALIER_REG_MAC_LO,
		m[0] | m[1] << 8 | m[2] << 16 | (uint32_t)m[3] << 24);
	espi_wr(dev, ESPALIER_REG_MAC_HI, m[4] | m[5] << 8);
	espi_wr(dev, ESPALIER_REG_RSS, dev->nqueues - 1);
	espi_wr(dev, ESPALIER_REG_CTRL,
		dev->options | (enable ? ESPALIER_CTRL_ENABLE_MASK : 0));
}

int espalier_set_options(struct espalier_dev *dev, uint32_t options)
{
	if (options & ~OPTIONS_ALL)
		return espi_fail(&dev->err, -EINVAL,
				 "options: unknown bits 0x%x; supported: 0x%x",
				 options & ~OPTIONS_ALL, OPTIONS_ALL);
	dev->options = options;
	espi_station_program(dev, true);
	return 0;
}

uint32_t espalier_get_options(const struct espalier_dev *dev)
{
	return dev->options;
}

int espalier_set_mac(struct espalier_dev *dev, const uint8_t mac[6])
{
	static const uint8_t zero[6];

	if ((mac[0] & 1) || !memcmp(mac, zero, 6))
		return espi_fail(&dev->err, -EINVAL,
				 "mac: a group address or all zero; supported: "
				 "a station's own address");
	memcpy(dev->caps.mac, mac, 6);
	espi_station_program(dev, true);
	return 0;
}

int espalier_queue_coalesce(struct espalier_dev *dev, unsigned int queue,
			    const struct espalier_coalesce *coal)
{
	const struct {
		const char *name;
		unsigned int val, lo, hi;
	} f[] = {
		{ "tx_count", coal->tx_count, 1, 4 },
		{ "tx_cycles", coal->tx_cycles, 0, 0xffffff },
		{ "rx_count", coal->rx_count, 1, 4 },
		{ "rx_cycles", coal->rx_cycles, 0, 0xffffff },
		{ "irq_count", coal->irq_count, 1, 255 },
		{ "irq_cycles", coal->irq_cycles, 0, 0xffffff },
	};
	size_t i;

	if (queue >= dev->nqueues)
		return espi_fail(&dev->err, -EINVAL,
				 "queue: %u; supported: 0 to %u", queue,
				 dev->nqueues - 1);
	for (i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		if (f[i].val < f[i].lo || f[i].val > f[i].hi)
			return espi_fail(&dev->err, -EINVAL,
					 "%s: %u; supported: %u to %u",
					 f[i].name, f[i].val, f[i].lo, f[i].hi);
	dev->queues[queue].coal = *coal;
	espi_wr(dev, ESPALIER_REG_Q_TX_COAL(queue),
		REG_PUT(coal->tx_count, ESPALIER_Q_TX_COAL_COUNT) |
			REG_PUT(coal->tx_cycles, ESPALIER_Q_TX_COAL_TIME));
	espi_wr(dev, ESPALIER_REG_Q_RX_COAL(queue),
		REG_PUT(coal->rx_count, ESPALIER_Q_RX_COAL_COUNT) |
			REG_PUT(coal->rx_cycles, ESPALIER_Q_RX_COAL_TIME));
	espi_wr(dev, ESPALIER_REG_Q_IRQ_COAL(queue),
		REG_PUT(coal->irq_count, ESPALIER_Q_IRQ_COAL_COUNT) |
			REG_PUT(coal->irq_cycles, ESPALIER_Q_IRQ_COAL_TIME));
	return 0;
}
