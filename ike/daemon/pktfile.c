// SPDX-License-Identifier: Apache-2.0
/* Packets from a capture file and to one, where there is no TUN device. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pktio.h"

#define ETH_HLEN 14

struct pktfile {
	struct pktio io;
	pcap_t *in, *out;
	pcap_dumper_t *dump;
	unsigned int skip; /* bytes in front of the IP header */
};

static int file_read(struct pktio *io, uint8_t *buf, size_t size)
{
	struct pktfile *p = (struct pktfile *)io;
	struct pcap_pkthdr *h;
	const u_char *data;
	int ret;

	if (io->eof)
		return 0;
	ret = pcap_next_ex(p->in, &h, &data);
	if (ret == 1 && h->caplen == h->len && h->len > p->skip &&
	    h->len - p->skip <= size) {
		memcpy(buf, data + p->skip, h->len - p->skip);
		return (int)(h->len - p->skip);
	}
	io->eof = true;
	return ret == PCAP_ERROR_BREAK ? 0 : -EBADMSG;
}

static int file_write(struct pktio *io, const uint8_t *data, size_t len)
{
	struct pktfile *p = (struct pktfile *)io;
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)len,
				 .len = (bpf_u_int32)len };

	/* no time stamp: the same run leaves the same file */
	if (p->dump)
		pcap_dump((u_char *)p->dump, &h, data);
	return 0;
}

static uint64_t file_dropped(struct pktio *io)
{
	(void)io;
	return 0;
}

static int file_close(struct pktio *io)
{
	struct pktfile *p = (struct pktfile *)io;
	int ret = 0;

	if (p->dump) {
		if (pcap_dump_flush(p->dump))
			ret = -EIO;
		pcap_dump_close(p->dump);
	}
	if (p->out)
		pcap_close(p->out);
	if (p->in)
		pcap_close(p->in);
	free(p);
	return ret;
}

int pktio_files(struct pktio **iop, const char *in, const char *out)
{
	struct pktfile *p = calloc(1, sizeof(*p));
	char errbuf[PCAP_ERRBUF_SIZE];
	int ret;

	if (!p)
		return -ENOMEM;
	p->io.fd = -1;
	p->io.eof = !in;
	if (in) {
		p->in = pcap_open_offline(in, errbuf);
		if (!p->in) {
			ret = access(in, R_OK) ? -errno : -EBADMSG;
			goto fail;
		}
		switch (pcap_datalink(p->in)) {
		case DLT_RAW:
			break;
		case DLT_EN10MB:
			p->skip = ETH_HLEN;
			break;
		default:
			ret = -EPROTONOSUPPORT;
			goto fail;
		}
	}
	if (out) {
		p->out = pcap_open_dead(DLT_RAW, 65535);
		p->dump = p->out ? pcap_dump_open(p->out, out) : NULL;
		if (!p->dump) {
			ret = errno ? -errno : -EIO;
			goto fail;
		}
	}
	p->io.read = file_read;
	p->io.write = file_write;
	p->io.dropped = file_dropped;
	p->io.close = file_close;
	*iop = &p->io;
	return 0;
fail:
	file_close(&p->io);
	return ret;
}
