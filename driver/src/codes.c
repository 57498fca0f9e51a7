// SPDX-License-Identifier: Apache-2.0
/*
 * Names of verdicts and events. Where Linux counts the same thing in
 * /proc/net/xfrm_stat its name is used; two of our codes may be one of
 * Linux's, then the more general one has the name.
 */
#include "internal.h"

static const char *const code_names[ESPALIER_CODE_COUNT] = {
	[ESPALIER_TX_PROTECTED] = "XfrmOutProtected",
	[ESPALIER_TX_BYPASSED] = "XfrmOutBypassed",
	[ESPALIER_TX_IN] = "XfrmOutFrames",
	[ESPALIER_TX_DESC_INVALID] = "XfrmOutDescInvalid",
	[ESPALIER_TX_LEN_INVALID] = "XfrmOutLenInvalid",
	[ESPALIER_TX_DMA_ERROR] = "XfrmOutDmaError",
	[ESPALIER_TX_HANDLE_STALE] = "XfrmOutStateInvalid",
	[ESPALIER_TX_POL_BLOCK] = "XfrmOutPolBlock",
	[ESPALIER_TX_NO_POLICY] = "XfrmOutPolError",
	[ESPALIER_TX_NO_STATE] = "XfrmOutNoStates",
	[ESPALIER_TX_STATE_EXPIRED] = "XfrmOutStateExpired",
	[ESPALIER_TX_SEQ_OVERFLOW] = "XfrmOutStateSeqError",
	[ESPALIER_TX_HDR_ERROR] = "XfrmOutHdrError",
	[ESPALIER_TX_MODE_ERROR] = "XfrmOutStateModeError",
	[ESPALIER_TX_TOO_BIG] = "XfrmOutTooBig",
	[ESPALIER_TX_PARITY] = "XfrmOutError",
	[ESPALIER_TX_NONIP_DISCARD] = "XfrmOutNonIpDiscard",
	[ESPALIER_TX_RESET] = "XfrmOutReset",
	[ESPALIER_RX_PROTECTED] = "XfrmInProtected",
	[ESPALIER_RX_BYPASSED] = "XfrmInBypassed",
	[ESPALIER_RX_IN] = "XfrmInFrames",
	[ESPALIER_RX_DUMMY] = "XfrmInDummy",
	[ESPALIER_RX_FRAME_ERROR] = "XfrmInFrameError",
	[ESPALIER_RX_OVERFLOW] = "XfrmInOverflow",
	[ESPALIER_RX_MAC_FILTER] = "XfrmInMacFilter",
	[ESPALIER_RX_HDR_ERROR] = "XfrmInHdrError",
	[ESPALIER_RX_NO_STATE] = "XfrmInNoStates",
	[ESPALIER_RX_FRAGMENT] = "XfrmInFragment",
	[ESPALIER_RX_REPLAY] = "XfrmInStateSeqError",
	[ESPALIER_RX_AUTH_FAILED] = "XfrmInStateProtoError",
	[ESPALIER_RX_STATE_EXPIRED] = "XfrmInStateExpired",
	[ESPALIER_RX_PAD_ERROR] = "XfrmInStatePadError",
	[ESPALIER_RX_MODE_ERROR] = "XfrmInStateModeError",
	[ESPALIER_RX_INNER_ERROR] = "XfrmInInnerError",
	[ESPALIER_RX_TMPL_MISMATCH] = "XfrmInTmplMismatch",
	[ESPALIER_RX_POL_BLOCK] = "XfrmInPolBlock",
	[ESPALIER_RX_NO_POLICY] = "XfrmInNoPols",
	[ESPALIER_RX_NONIP_DISCARD] = "XfrmInNonIpDiscard",
	[ESPALIER_RX_ECN_DROP] = "XfrmInEcnDrop",
	[ESPALIER_RX_NO_BUFFER] = "XfrmInBufferError",
	[ESPALIER_RX_BUFFER_SMALL] = "XfrmInBufferSmall",
	[ESPALIER_RX_DMA_ERROR] = "XfrmInDmaError",
	[ESPALIER_RX_PARITY] = "XfrmInError",
	[ESPALIER_RX_DESC_INVALID] = "XfrmInDescInvalid",
	[ESPALIER_RX_RESET] = "XfrmInReset",
};

const char *espalier_code_name(enum espalier_code code)
{
	if ((unsigned int)code >= ESPALIER_CODE_COUNT)
		return NULL;
	return code_names[code];
}

const char *espalier_event_name(enum espalier_event_type type)
{
	switch (type) {
	case ESPALIER_EV_SOFT_BYTES:
		return "soft-bytes";
	case ESPALIER_EV_HARD_BYTES:
		return "hard-bytes";
	case ESPALIER_EV_SOFT_PACKETS:
		return "soft-packets";
	case ESPALIER_EV_HARD_PACKETS:
		return "hard-packets";
	case ESPALIER_EV_SEQ_OVERFLOW:
		return "sequence-overflow";
	case ESPALIER_EV_ACQUIRE:
		return "acquire";
	case ESPALIER_EV_PARITY:
		return "parity";
	case ESPALIER_EV_DMA_ERROR:
		return "dma-error";
	}
	return NULL;
}
