// SPDX-License-Identifier: Apache-2.0
//
// espalier_pkg: the types that cross a border between RTL blocks, and the
// constants shared with software. The software twin of everything that the
// host can see is driver/include/espalier/layout.h; tests/unit/test_layout
// proves that the two agree.
//
// Byte order. A 128-bit word of a packet stream holds byte i of the stream at
// bits [8*i +: 8]. Addresses, ports and lengths in the structures below are
// numbers: the first byte on the wire is the most significant. An IPv4
// address stands in the low 32 bits of a 128-bit field, the rest is zero.
package espalier_pkg;

  // A package names everything; no one block uses all of it.
  /* verilator lint_off UNUSEDPARAM */

  // Rooms with a clock of their own (clk_room and wake of `espalier`)
  localparam int ROOMS = 15;
  localparam int ROOM_OUT_WORDS = 0;
  localparam int ROOM_IN = 1;
  localparam int ROOM_GCM_A = 2;
  localparam int ROOM_GCM_B = 3;
  localparam int ROOM_SPD = 4;
  localparam int ROOM_MGMT = 5;
  localparam int ROOM_DMA_TX = 6;
  localparam int ROOM_DMA_RX = 7;
  localparam int ROOM_OUT_PARSE = 8;
  localparam int ROOM_OUT_ADMIT = 9;
  localparam int ROOM_OUT_PREFIX = 10;
  localparam int ROOM_OUT_CLEAR = 11;
  localparam int ROOM_DMA_DESC = 12;
  localparam int ROOM_DMA_CPL = 13;
  localparam int ROOM_STAT = 14;
  // Clocked for 15 and 7 cycles behind the last one of need, the others for 3
  localparam logic [ROOMS-1:0] ROOMS_LONG = (1 << ROOM_OUT_WORDS) | (1 << ROOM_IN) |
      (1 << ROOM_GCM_A) | (1 << ROOM_GCM_B) | (1 << ROOM_DMA_TX) | (1 << ROOM_DMA_RX);
  localparam logic [ROOMS-1:0] ROOMS_MID = (1 << ROOM_OUT_PARSE) | (1 << ROOM_OUT_PREFIX) |
      (1 << ROOM_OUT_CLEAR);

  // ---------------------------------------------------------------- verdicts
  // One code per way a packet can end. TX completions carry it as their
  // status, and the counters are indexed by it: every packet that enters ends
  // under exactly one of them.
  localparam int CODE_W = 6;
  localparam logic [5:0] TX_PROTECTED = 6'h00;      // left as ESP
  localparam logic [5:0] TX_BYPASSED = 6'h01;       // left in clear, by policy
  localparam logic [5:0] TX_IN = 6'h02;             // counter: entered
  localparam logic [5:0] TX_DESC_INVALID = 6'h08;   // unknown flag, reserved field not zero
  localparam logic [5:0] TX_LEN_INVALID = 6'h09;    // zero, too short or over-long
  localparam logic [5:0] TX_DMA_ERROR = 6'h0a;      // AXI read answered with an error
  localparam logic [5:0] TX_HANDLE_STALE = 6'h0b;   // handle in the descriptor is not live
  localparam logic [5:0] TX_POL_BLOCK = 6'h0c;      // policy says DISCARD
  localparam logic [5:0] TX_NO_POLICY = 6'h0d;      // no policy matched
  localparam logic [5:0] TX_NO_STATE = 6'h0e;       // policy says PROTECT, its SA is not live
  localparam logic [5:0] TX_STATE_EXPIRED = 6'h0f;  // hard byte or packet limit
  localparam logic [5:0] TX_SEQ_OVERFLOW = 6'h10;   // sequence numbers used up
  localparam logic [5:0] TX_HDR_ERROR = 6'h11;      // malformed IP header
  localparam logic [5:0] TX_MODE_ERROR = 6'h12;     // transport mode on a fragment or on too long a header
  localparam logic [5:0] TX_TOO_BIG = 6'h13;        // result larger than the SA's path MTU or the frame limit
  localparam logic [5:0] TX_PARITY = 6'h14;         // table entry corrupted
  localparam logic [5:0] TX_NONIP_DISCARD = 6'h15;  // not IP, bypass switch off
  localparam logic [5:0] TX_RESET = 6'h16;          // flushed by a queue reset

  localparam logic [5:0] RX_PROTECTED = 6'h20;       // verified, decapsulated, delivered
  localparam logic [5:0] RX_BYPASSED = 6'h21;        // delivered as it came, by policy
  localparam logic [5:0] RX_IN = 6'h22;              // counter: entered
  localparam logic [5:0] RX_DUMMY = 6'h23;           // verified dummy packet (next header 59)
  localparam logic [5:0] RX_FRAME_ERROR = 6'h28;     // MAC error, too short, too long
  localparam logic [5:0] RX_OVERFLOW = 6'h29;        // packet buffer full
  localparam logic [5:0] RX_MAC_FILTER = 6'h2a;      // for another station
  localparam logic [5:0] RX_HDR_ERROR = 6'h2b;       // malformed IP or ESP header or length
  localparam logic [5:0] RX_NO_STATE = 6'h2c;        // no SA for (SPI, destination, protocol)
  localparam logic [5:0] RX_FRAGMENT = 6'h2d;        // ESP in a fragment
  localparam logic [5:0] RX_REPLAY = 6'h2e;          // duplicate or left of the window
  localparam logic [5:0] RX_AUTH_FAILED = 6'h2f;     // ICV wrong
  localparam logic [5:0] RX_STATE_EXPIRED = 6'h30;   // hard limit
  localparam logic [5:0] RX_PAD_ERROR = 6'h31;       // padding or trailer wrong
  localparam logic [5:0] RX_MODE_ERROR = 6'h32;      // next header does not fit the SA's mode
  localparam logic [5:0] RX_INNER_ERROR = 6'h33;     // malformed inner IP header
  localparam logic [5:0] RX_TMPL_MISMATCH = 6'h34;   // clear where PROTECT is asked, or not this SA's selectors
  localparam logic [5:0] RX_POL_BLOCK = 6'h35;       // policy says DISCARD
  localparam logic [5:0] RX_NO_POLICY = 6'h36;       // no policy matched
  localparam logic [5:0] RX_NONIP_DISCARD = 6'h37;   // not IP, bypass switch off
  localparam logic [5:0] RX_ECN_DROP = 6'h38;        // RFC 6040: Not-ECT inside, CE outside
  localparam logic [5:0] RX_NO_BUFFER = 6'h39;       // no receive descriptor posted
  localparam logic [5:0] RX_BUFFER_SMALL = 6'h3a;    // frame longer than the posted buffer
  localparam logic [5:0] RX_DMA_ERROR = 6'h3b;       // AXI write answered with an error
  localparam logic [5:0] RX_PARITY = 6'h3c;          // table entry corrupted
  localparam logic [5:0] RX_DESC_INVALID = 6'h3d;    // receive descriptor malformed
  localparam logic [5:0] RX_RESET = 6'h3e;           // flushed by a queue reset
  localparam logic [5:0] CODE_NONE = 6'h3f;          // inside the pipeline: not decided yet

  // ------------------------------------------------------------------ tables
  localparam int TBL_WORDS = 32;  // 32-bit words in the staging registers
  // Those of the owners (table_stage): place in stage_shift, words of 64 bits
  localparam int STAGE_OUT = 0;
  localparam int STAGE_IN = 1;
  localparam int STAGE_SPD = 2;
  localparam int STAGE_KEY = 3;
  localparam int STAGE_WORDS_OUT = 14;
  localparam int STAGE_WORDS_IN = 15;
  localparam int STAGE_WORDS_SPD = 10;
  localparam int STAGE_WORDS_KEY = 5;
  localparam logic [3:0] TBL_SA_OUT = 4'd0;
  localparam logic [3:0] TBL_SA_IN = 4'd1;
  localparam logic [3:0] TBL_SA_HASH = 4'd2;
  localparam logic [3:0] TBL_SPD = 4'd3;
  localparam logic [3:0] TBL_KEY_OUT = 4'd4;
  localparam logic [3:0] TBL_KEY_IN = 4'd5;
  localparam logic [3:0] TBL_COUNTERS = 4'd6;

  localparam logic [3:0] OP_READ = 4'd1;
  localparam logic [3:0] OP_ADD = 4'd2;      // SA: slot must be free; SPD, hash, key: write
  localparam logic [3:0] OP_UPDATE = 4'd3;   // SA: limits and path MTU only
  localparam logic [3:0] OP_DELETE = 4'd4;   // SA: invalidate, drain, zeroize the key
  localparam logic [3:0] OP_FLUSH = 4'd5;    // SPD: empty the flow cache
  localparam logic [3:0] OP_CORRUPT = 4'd6;  // TEST_HOOKS: flip the parity of an entry

  localparam logic [3:0] RES_OK = 4'd0;
  localparam logic [3:0] RES_EXISTS = 4'd1;   // slot is live
  localparam logic [3:0] RES_ABSENT = 4'd2;   // slot is not live
  localparam logic [3:0] RES_INDEX = 4'd3;    // index beyond the table
  localparam logic [3:0] RES_OP = 4'd4;       // operation not defined for the table
  localparam logic [3:0] RES_VALUE = 4'd5;    // a field has a value the hardware cannot carry
  localparam logic [3:0] RES_PARITY = 4'd6;   // entry corrupted

  // ------------------------------------------------------------------ events
  localparam logic [7:0] EV_SOFT_BYTES = 8'd1;
  localparam logic [7:0] EV_HARD_BYTES = 8'd2;
  localparam logic [7:0] EV_SOFT_PACKETS = 8'd3;
  localparam logic [7:0] EV_HARD_PACKETS = 8'd4;
  localparam logic [7:0] EV_SEQ_OVERFLOW = 8'd5;
  localparam logic [7:0] EV_ACQUIRE = 8'd6;      // info: policy index
  localparam logic [7:0] EV_PARITY = 8'd7;       // info: table
  localparam logic [7:0] EV_DMA_ERROR = 8'd8;    // info: queue

  typedef struct packed {
    logic [7:0]  etype;
    logic [31:0] handle;
    logic [31:0] info;
  } event_t;

  // ----------------------------------------------------------------- handles
  // direction (0 outbound, 1 inbound), generation (never 0), slot
  typedef struct packed {
    logic        dir;
    logic [14:0] gen;
    logic [15:0] slot;
  } handle_t;

  // -------------------------------------------------------------- statistics
  typedef struct packed {
    logic [5:0]  code;
    logic [13:0] bytes;
  } stat_t;

  // ---------------------------------------------------------------- selector
  // What the SPD looks at. ports_ok = 0: the ports cannot be seen (OPAQUE:
  // not a first fragment, or beyond the parse window); only ANY matches then.
  // ICMP and ICMPv6: type in sport, code in dport.
  typedef struct packed {
    logic         v6;
    logic [127:0] src;
    logic [127:0] dst;
    logic [7:0]   proto;
    logic         ports_ok;
    logic [15:0]  sport;
    logic [15:0]  dport;
  } selector_t;

  // ------------------------------------------------------------ parsed frame
  localparam logic [1:0] KIND_OTHER = 2'd0;
  localparam logic [1:0] KIND_IPV4 = 2'd1;
  localparam logic [1:0] KIND_IPV6 = 2'd2;
  localparam logic [1:0] KIND_ARP = 2'd3;

  // What is known of a layer-3 header.
  typedef struct packed {
    logic [1:0]  kind;
    logic        bad;       // malformed: version, header length, total length, IPv4 checksum
    logic [13:0] len;       // bytes of the datagram, from its header
    logic [6:0]  hdr_len;   // bytes before the upper-layer (or ESP) header, multiple of 4
    logic [5:0]  nh_off;    // offset of the protocol / next-header byte that names it
    logic        too_long;  // hdr_len beyond the 64 bytes that transport mode can carry
    logic        frag;      // fragment (more fragments, or offset not 0)
    logic        df;
    logic [7:0]  tos;       // TOS or traffic class
    logic [7:0]  ttl;
    logic [15:0] id;        // IPv4 identification
    logic [19:0] flow;      // IPv6 flow label
    logic [31:0] word0;     // first 8 bytes of the upper layer as numbers:
    logic [31:0] word1;     //   ports, or SPI and sequence number
    logic [63:0] iv;        // the next 8 bytes in stream order (ESP IV)
    selector_t   sel;
  } l3_t;

  // A frame behind `ingress`. The layer-2 header, 14, 18 or 22 bytes, stands
  // right-aligned in 6 words of 4 bytes with 2 bytes of padding in front, so
  // that everything inside the device is aligned to 4 bytes: l2_words = 4, 5
  // or 6 words are used, word 0 holds the padding and the first two bytes.
  typedef struct packed {
    logic [5:0]   code;       // CODE_NONE, or why the frame is to be dropped
    logic         ip;         // CODE_NONE, IPv4 or IPv6, and l3 is not bad
    logic [13:0]  frame_len;
    logic [2:0]   l2_words;
    logic [191:0] l2;         // stream order, starts with the 2 padding bytes
    logic [13:0]  data_len;   // bytes of layer 3 in the data stream
    l3_t          l3;
  } frame_t;

  // ------------------------------------------------- transmit side, dma - esp
  typedef struct packed {
    logic [7:0]  qid;
    logic [15:0] index;         // ring index of the descriptor with EOP
    handle_t     handle;
    logic        handle_valid;  // the descriptor names the SA; no policy lookup
  } tx_user_t;

  typedef struct packed {
    logic [7:0]  qid;
    logic [15:0] index;
    logic [5:0]  code;
    handle_t     handle;
    logic [31:0] seq;
    logic [13:0] wire_len;
  } tx_done_t;

  // -------------------------------------------------- receive side, esp - dma
  typedef struct packed {
    logic [7:0]  qid;
    logic [5:0]  code;    // RX_PROTECTED or RX_BYPASSED
    handle_t     handle;  // zero when in clear
    logic [13:0] len;     // frame bytes
    logic [31:0] hash;
  } rx_meta_t;

  // --------------------------------------------------------------------- SPD
  localparam logic [1:0] ACT_DISCARD = 2'd0;
  localparam logic [1:0] ACT_BYPASS = 2'd1;
  localparam logic [1:0] ACT_PROTECT = 2'd2;

  typedef struct packed {
    logic        match;   // some policy matched
    logic        parity;  // the table is corrupted
    logic [1:0]  action;
    logic [15:0] index;
    handle_t     handle;  // outbound PROTECT: the SA
    logic [15:0] reqid;
  } spd_result_t;

  /* verilator lint_on UNUSEDPARAM */

  // IPv6 extension headers that are walked (RFC 8200 section 4, RFC 6275, 7401,
  // 5533): hop-by-hop, routing, fragment, destination options, mobility, HIP,
  // shim6.
  function logic is_ext(input logic [7:0] nh);
    is_ext = (nh == 8'd0) || (nh == 8'd43) || (nh == 8'd44) || (nh == 8'd60) || (nh == 8'd135) ||
             (nh == 8'd139) || (nh == 8'd140);
  endfunction

  // Bucket hash of the inbound SAD over (SPI, destination, protocol): folded
  // to 32 bits, then CRC-32C of that word. Table 0 takes the low bits, table 1
  // the bits from 16 up.
  function logic [31:0] sa_hash(input logic [31:0] spi, input logic [127:0] dst,
                                input logic [7:0] proto);
    logic [31:0] c;
    logic [31:0] k;
    k = spi ^ dst[31:0] ^ {dst[58:32], dst[63:59]} ^ {dst[84:64], dst[95:85]} ^
        {dst[110:96], dst[127:111]} ^ {proto, 24'd0};
    c = 32'hffff_ffff ^ k;
    for (int i = 0; i < 32; i++) c = c[0] ? ((c >> 1) ^ 32'h82f6_3b78) : (c >> 1);
    sa_hash = ~c;
  endfunction

endpackage
