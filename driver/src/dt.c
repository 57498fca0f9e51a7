// SPDX-License-Identifier: Apache-2.0
/*
 * The device tree blob. It is not trusted: it is copied once, checked as a
 * whole, and then every property is looked at through the helpers below,
 * which check its length before they load from it.
 */
#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define DT_COMPATIBLE "espalier,inline-ipsec-1.0"
#define DT_SIZE_MAX (16u << 20)
#define DT_DEPTH_MAX 32

struct reader {
	const void *fdt;
	int node;
	struct espi_dt *dt;
	struct espalier_err *err;
};

static int bad(struct reader *r, const char *prop, const char *what)
{
	return espi_fail(r->err, -EINVAL, "%.100s: %s: %s", r->dt->node, prop,
			 what);
}

/* Property of exactly @want bytes: 1 found, 0 absent, -EINVAL. */
static int get_prop(struct reader *r, const char *name, int want,
		    const uint8_t **val)
{
	char text[64];
	int len;

	*val = fdt_getprop(r->fdt, r->node, name, &len);
	if (!*val)
		return len == -FDT_ERR_NOTFOUND
			       ? 0
			       : bad(r, name, fdt_strerror(len));
	if (len != want) {
		snprintf(text, sizeof(text), "%d bytes where %d belong", len,
			 want);
		return bad(r, name, text);
	}
	return 1;
}

/* A number within [lo, hi], optionally a power of two or a multiple. */
struct number {
	const char *name;
	size_t off; /* of an unsigned int in struct espi_dt */
	uint32_t lo, hi, multiple;
	bool pow2, required;
	uint32_t dflt;
};

#define FIELD(f) offsetof(struct espi_dt, f)
static const struct number numbers[] = {
	{ "espalier,num-queues", FIELD(queues), 1, 16, 1, true, true, 0 },
	{ "espalier,tx-ring-size", FIELD(tx_ring), 8, 4096, 1, true, false,
	  256 },
	{ "espalier,rx-ring-size", FIELD(rx_ring), 8, 4096, 1, true, false,
	  256 },
	{ "espalier,buffer-size", FIELD(buf_size), 256, 16384,
	  ESPALIER_RX_ALIGN, false, false, 2048 },
	{ "espalier,sa-entries", FIELD(sa_entries), 16, 4096, 1, true, false,
	  0 },
	{ "espalier,policy-entries", FIELD(spd_entries), 8, 4096, 1, false,
	  false, 0 },
	{ "espalier,replay-window-max", FIELD(window_max), 64, 4096, 1, true,
	  false, 0 },
};

static int read_number(struct reader *r, const struct number *n)
{
	unsigned int *field = (unsigned int *)((char *)r->dt + n->off);
	const uint8_t *p;
	char text[128];
	uint32_t v;
	int ret;

	*field = n->dflt;
	ret = get_prop(r, n->name, 4, &p);
	if (ret < 0)
		return ret;
	if (!ret)
		return n->required ? bad(r, n->name, "missing") : 0;
	v = fdt32_ld((const fdt32_t *)p);
	if (v < n->lo || v > n->hi || v % n->multiple ||
	    (n->pow2 && (v & (v - 1)))) {
		snprintf(text, sizeof(text),
			 "%" PRIu32 "; supported: %" PRIu32 " to %" PRIu32 "%s",
			 v, n->lo, n->hi,
			 n->pow2	   ? ", a power of two"
			 : n->multiple > 1 ? ", a multiple of 64"
					   : "");
		return bad(r, n->name, text);
	}
	*field = v;
	return 0;
}

static int read_mac(struct reader *r)
{
	static const char *const names[] = { "local-mac-address",
					     "mac-address" };
	static const uint8_t zero[6];
	const uint8_t *p;
	unsigned int i;
	int ret;

	/* mac-address is what boot software decided and comes before the
	 * address of the board. */
	for (i = 0; i < 2; i++) {
		ret = get_prop(r, names[i], 6, &p);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		if (p[0] & 1)
			return bad(r, names[i], "a group address");
		if (!memcmp(p, zero, 6))
			return bad(r, names[i], "all zero");
		memcpy(r->dt->mac, p, 6);
		r->dt->has_mac = true;
	}
	return 0;
}

static uint64_t load_cells(const uint8_t *p, int cells)
{
	uint64_t v = 0;

	while (cells--) {
		v = v << 32 | fdt32_ld((const fdt32_t *)p);
		p += 4;
	}
	return v;
}

/* reg of a node under @parent: address and size of its first entry. */
static int read_reg_at(struct reader *r, int node, int parent, uint64_t *base,
		       uint64_t *size)
{
	int ac = fdt_address_cells(r->fdt, parent);
	int sc = fdt_size_cells(r->fdt, parent);
	const uint8_t *p;
	int len;

	if (ac < 1 || ac > 2 || sc < 1 || sc > 2)
		return bad(r, "reg",
			   "#address-cells and #size-cells of the bus are not "
			   "1 or 2");
	p = fdt_getprop(r->fdt, node, "reg", &len);
	if (!p)
		return bad(r, "reg", "missing");
	if (len <= 0 || len % (4 * (ac + sc)))
		return bad(
			r, "reg",
			"length does not fit #address-cells and #size-cells");
	*base = load_cells(p, ac);
	*size = load_cells(p + 4 * ac, sc);
	if (*size == 0 || *base + *size - 1 < *base)
		return bad(r, "reg", "empty, or beyond the address space");
	return len / (4 * (ac + sc));
}

static int read_reg(struct reader *r)
{
	const uint64_t need =
		ESPALIER_Q_BASE + (uint64_t)ESPALIER_Q_STRIDE * r->dt->queues;
	int parent = fdt_parent_offset(r->fdt, r->node);
	char text[96];
	const char *s;
	int ret, len;

	if (parent < 0)
		return bad(r, "reg", "the root cannot be a device");
	ret = read_reg_at(r, r->node, parent, &r->dt->reg_base,
			  &r->dt->reg_size);
	if (ret < 0)
		return ret;
	if (ret != 1)
		return bad(r, "reg", "more than one window");
	if (r->dt->reg_base % 4096)
		return bad(r, "reg", "address is not a multiple of 4096");
	if (r->dt->reg_size < need) {
		snprintf(text, sizeof(text),
			 "window of 0x%" PRIx64 " bytes; the registers of %u "
			 "queue pairs take 0x%" PRIx64,
			 r->dt->reg_size, r->dt->queues, need);
		return bad(r, "reg", text);
	}
	s = fdt_getprop(r->fdt, r->node, "reg-names", &len);
	if (!s)
		return 0;
	if (fdt_stringlist_count(r->fdt, r->node, "reg-names") != 1 ||
	    strcmp(s, "regs"))
		return bad(r, "reg-names", "not the one name \"regs\"");
	return 0;
}

/* #interrupt-cells of the controller that @r->node is wired to, or < 0. */
static int interrupt_cells(struct reader *r)
{
	int node = r->node, depth, len, ctl = -1;
	const fdt32_t *p;

	for (depth = 0; depth < DT_DEPTH_MAX && ctl < 0; depth++) {
		p = fdt_getprop(r->fdt, node, "interrupt-parent", &len);
		if (p) {
			if (len != 4)
				return bad(r, "interrupt-parent",
					   "not one phandle");
			ctl = fdt_node_offset_by_phandle(r->fdt, fdt32_ld(p));
			if (ctl < 0)
				return bad(r, "interrupt-parent",
					   "names no node");
			break;
		}
		node = fdt_parent_offset(r->fdt, node);
		if (node < 0)
			break;
		if (fdt_getprop(r->fdt, node, "interrupt-controller", NULL))
			ctl = node;
	}
	if (ctl < 0)
		return bad(r, "interrupts", "no interrupt controller is found");
	p = fdt_getprop(r->fdt, ctl, "#interrupt-cells", &len);
	if (!p || len != 4)
		return bad(r, "interrupts",
			   "the controller has no #interrupt-cells");
	if (fdt32_ld(p) < 1 || fdt32_ld(p) > 4)
		return bad(r, "interrupts",
			   "#interrupt-cells of the controller is not 1 to 4");
	return (int)fdt32_ld(p);
}

static int read_interrupts(struct reader *r)
{
	const int want = 1 + (int)r->dt->queues;
	char name[16], text[96];
	const char *s;
	int cells, len, i, n;

	if (!fdt_getprop(r->fdt, r->node, "interrupts", &len))
		return bad(r, "interrupts", "missing");
	cells = interrupt_cells(r);
	if (cells < 0)
		return cells;
	if (len != want * cells * 4) {
		snprintf(text, sizeof(text),
			 "%d bytes; %d interrupts of %d cells take %d", len,
			 want, cells, want * cells * 4);
		return bad(r, "interrupts", text);
	}
	n = fdt_stringlist_count(r->fdt, r->node, "interrupt-names");
	if (n == -FDT_ERR_NOTFOUND)
		return bad(r, "interrupt-names", "missing");
	if (n != want) {
		snprintf(text, sizeof(text),
			 "%d names; %u queue pairs have %d interrupts", n,
			 r->dt->queues, want);
		return bad(r, "interrupt-names",
			   n < 0 ? "not a list of strings" : text);
	}
	for (i = 0; i < n; i++) {
		s = fdt_stringlist_get(r->fdt, r->node, "interrupt-names", i,
				       &len);
		if (i)
			snprintf(name, sizeof(name), "queue%d", i - 1);
		else
			snprintf(name, sizeof(name), "mgmt");
		if (!s || strcmp(s, name)) {
			snprintf(text, sizeof(text),
				 "entry %d is \"%.20s\", \"%s\" belongs there",
				 i, s ? s : "", name);
			return bad(r, "interrupt-names", text);
		}
	}
	return 0;
}

static int read_memory_region(struct reader *r)
{
	uint64_t base, size;
	const uint8_t *p;
	int ret, node, parent;

	ret = get_prop(r, "memory-region", 4, &p);
	if (ret <= 0)
		return ret;
	node = fdt_node_offset_by_phandle(r->fdt, fdt32_ld((const fdt32_t *)p));
	if (node < 0)
		return bad(r, "memory-region", "names no node");
	if (!fdt_getprop(r->fdt, node, "reg", NULL) &&
	    fdt_getprop(r->fdt, node, "size", NULL))
		return 0; /* placed by whoever boots */
	parent = fdt_parent_offset(r->fdt, node);
	if (parent < 0)
		return bad(r, "memory-region", "names the root");
	ret = read_reg_at(r, node, parent, &base, &size);
	if (ret < 0)
		return bad(r, "memory-region",
			   "the node it names has no usable reg");
	return 0;
}

static int read_flags(struct reader *r)
{
	const char *s;
	int len;

	s = fdt_getprop(r->fdt, r->node, "status", &len);
	if (s && strcmp(s, "okay") && strcmp(s, "ok"))
		return espi_fail(
			r->err, -ENODEV,
			"%.100s: status: \"%.20s\", the node is switched off",
			r->dt->node, s);
	if (fdt_getprop(r->fdt, r->node, "dma-coherent", &len) && len)
		return bad(r, "dma-coherent", "has a value, it is a flag");
	return 0;
}

static int find_node(struct reader *r, const char *path)
{
	int node;

	if (!path) {
		node = fdt_node_offset_by_compatible(r->fdt, -1, DT_COMPATIBLE);
		if (node < 0)
			return espi_fail(
				r->err, -ENODEV,
				"device tree: compatible: no node is \"%s\"",
				DT_COMPATIBLE);
	} else {
		node = fdt_path_offset(r->fdt, path);
		if (node < 0)
			return espi_fail(r->err, -ENODEV,
					 "device tree: %.100s: no such node",
					 path);
	}
	r->node = node;
	if (fdt_get_path(r->fdt, node, r->dt->node, sizeof(r->dt->node)))
		snprintf(r->dt->node, sizeof(r->dt->node), "%.60s",
			 fdt_get_name(r->fdt, node, NULL));
	if (path && fdt_node_check_compatible(r->fdt, node, DT_COMPATIBLE))
		return bad(r, "compatible", "not \"" DT_COMPATIBLE "\"");
	return 0;
}

int espi_dt_read(const void *dtb, size_t size, const char *path,
		 struct espi_dt *dt, struct espalier_err *err)
{
	struct reader r = { .dt = dt, .err = err };
	void *copy;
	size_t i;
	int ret;

	memset(dt, 0, sizeof(*dt));
	if (!dtb || size < sizeof(struct fdt_header) || size > DT_SIZE_MAX)
		return espi_fail(err, -EINVAL,
				 "device tree: header: blob of %zu bytes; "
				 "supported: %zu to %u",
				 size, sizeof(struct fdt_header), DT_SIZE_MAX);
	/* libfdt wants 8-byte alignment, and a blob that nobody changes. */
	copy = malloc(size);
	if (!copy)
		return espi_fail(err, -ENOMEM, "out of memory");
	memcpy(copy, dtb, size);
	r.fdt = copy;
	ret = fdt_check_full(copy, size);
	if (ret) {
		ret = espi_fail(err, -EINVAL, "device tree: blob: %s",
				fdt_strerror(ret));
		goto out;
	}
	ret = find_node(&r, path);
	if (!ret)
		ret = read_flags(&r);
	for (i = 0; !ret && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		ret = read_number(&r, &numbers[i]);
	if (!ret)
		ret = read_reg(&r);
	if (!ret)
		ret = read_interrupts(&r);
	if (!ret)
		ret = read_memory_region(&r);
	if (!ret)
		ret = read_mac(&r);
out:
	free(copy);
	return ret;
}
