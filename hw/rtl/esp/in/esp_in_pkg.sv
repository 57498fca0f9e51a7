// SPDX-License-Identifier: Apache-2.0
//
// esp_in_pkg: what travels between the stages of the inbound path.
//
// Yosys knows no type of one package in another: such members are plain vectors
// with the type named beside them.
package esp_in_pkg;

  /* verilator lint_off UNUSEDPARAM */
  // How a frame is handled until its verdict.
  localparam logic [1:0] CLS_DROP = 2'd0;   // decided: its words are thrown away
  localparam logic [1:0] CLS_RAW = 2'd1;    // not IP, delivered as it came
  localparam logic [1:0] CLS_CLEAR = 2'd2;  // IP in clear, asks the SPD
  localparam logic [1:0] CLS_ESP = 2'd3;

  // Jobs of the SA counters.
  localparam logic [2:0] CNT_NONE = 3'd0;
  localparam logic [2:0] CNT_DELIVER = 3'd1;   // packet and bytes, if the limits allow
  localparam logic [2:0] CNT_REPLAY = 3'd2;
  localparam logic [2:0] CNT_AUTH = 3'd3;
  localparam logic [2:0] CNT_PARITY = 3'd4;    // the SA's own entry is corrupted
  localparam logic [2:0] CNT_TABLE = 3'd5;     // event only: the hash table is corrupted

  // Entry of sad_in: live, outer family, sa_t without slot, SPI, destination.
  localparam int SAD_W = 1 + 1 + 59 + 32 + 128;
  // Entry of sa_count_in: flags, failures, replays, packets, bytes.
  localparam int CNT_W = 4 + 32 + 32 + 64 + 64;
  /* verilator lint_on UNUSEDPARAM */

  // What is known of a frame before any look-up; waits for the verdict.
  typedef struct packed {
    logic [13:0] frame_len;
    logic [13:0] data_len;
    logic [2:0]  l2_words;
    logic [6:0]  hdr_len;
    logic [5:0]  nh_off;
    logic [1:0]  ecn;  // of the outer header
    logic [297:0] sel;  // espalier_pkg::selector_t
  } facts_t;

  // What admission and feeding need of it.
  typedef struct packed {
    logic [5:0]   code;
    logic         v6;
    logic [31:0]  spi;
    logic [127:0] dst;
    logic [31:0]  seq;
    logic [63:0]  iv;
    logic [13:0]  body;     // ciphertext and ICV
    logic [6:0]   hdr_len;
    logic [9:0]   words;    // on the data stream
    logic [1:0]   tail;     // 4-byte units in the last word, less one
    logic [1:0]   cls;      // early from its queue
  } ask_t;

  // The part of an SA that its packets need.
  typedef struct packed {
    logic [15:0] slot;
    logic [14:0] gen;
    logic [15:0] reqid;
    logic [8:0]  qsel;   // bit 8: deliver to queue 7:0, else by hash
    logic        tunnel;
    logic        esn;
    logic [1:0]  icv;
    logic        ecn;
    logic        replay;
    logic [12:0] window;
  } sa_t;

  // From admission to feeding.
  typedef struct packed {
    logic [5:0]  code;
    logic        hit;    // sa is valid
    logic        table_bad;  // the hash table is corrupted
    sa_t         sa;
    logic [31:0] spi;
    logic [63:0] iv;
    logic [13:0] ct_len;
    logic [6:0]  hdr_len;
    logic [9:0]  words;
    logic [1:0]  tail;
    logic [1:0]  cls;        // early from its queue
  } work_t;

  // Outcome of admission; waits for the verdict beside facts_t.
  typedef struct packed {
    logic [5:0]  code;
    logic        hit;
    logic        table_bad;
    logic [1:0]  cls;
    sa_t         sa;
    logic [63:0] seq;
    logic [13:0] ct_len;
  } admit_t;

  // Behind the cipher: the verdict and what the trailer says.
  typedef struct packed {
    logic        icv_ok;
    logic        pad_ok;
    logic [7:0]  nh;
    logic [13:0] pay_len;   // plaintext without padding and trailer
    logic [15:0] csum;      // bytes 10 and 11: checksum of an inner IPv4 header
  } trailer_t;

  // Inner header as the tunnel needs it. In transport mode sel.src holds four bytes
  // each at 0, 8, 16 and 24 of the plaintext, in stream order.
  typedef struct packed {
    logic [1:0]  kind;
    logic        bad;
    logic [13:0] len;
    logic [1:0]  ecn;
    logic [297:0] sel;  // espalier_pkg::selector_t
  } inner_t;

  // How a frame is to be put together.
  typedef struct packed {
    logic [2:0]  l2_words;
    logic [4:0]  hdr_words;  // transport header, 0 = none
    logic        set_type;   // ethertype by inner family
    logic        v6;         // inner family, or that of the transport header
    logic [5:0]  nh_off;
    logic [7:0]  nh;
    logic [15:0] len_field;  // total length or payload length
    logic [15:0] csum_add;   // added to the complement of the IPv4 checksum
  } prefix_t;

  typedef struct packed {
    logic        verified;  // from the verify buffer, else from the clear one
    logic [9:0]  give;      // words to deliver
    logic [9:0]  drop;      // words behind them to throw away
    logic        mark;      // write the ECN field of an inner header
    logic        v6;
    logic [1:0]  ecn;
    logic [15:0] csum;
  } move_t;

  // From decapsulation to the verdict.
  typedef struct packed {
    logic [5:0]  code;
    logic        clear;
    logic [2:0]  job;        // for the counters, if nothing changes it
    logic [31:0] handle;     // espalier_pkg::handle_t
    logic [15:0] reqid;
    logic [13:0] bytes;      // layer-3 bytes delivered
    logic        asked;      // an SPD result will come; early from its queue, as what follows
    logic        committed;  // a replay result will come
  } case_t;

  // What the verdict means for delivery.
  typedef struct packed {
    logic [5:0]  code;
    logic        counted;    // the counters have the last word
  } verdict_t;

  // From decapsulation to delivery, past the verdict.
  typedef struct packed {
    logic        hashed;     // the selector is known
    logic        clear;
    logic [31:0] handle;     // espalier_pkg::handle_t
    logic [8:0]  qsel;
    logic [31:0] fold;       // hash over the selector, before its CRC
    logic [13:0] frame_len;
    logic [13:0] pay_len;
    logic [9:0]  held;       // words in the buffer, whatever becomes of the frame
    logic        need_b;     // they are in the buffer for frames in clear
    prefix_t     prefix;
    move_t       move;
  } pass_t;

  // CRC-32C of a word without its preset: every bit is the parity of about half of
  // the bits, told here as masks, so that it becomes a flat tree of XORs. With the
  // preset it is espalier_pkg::sa_hash() of a word that is folded already.
  function logic [1023:0] crc_masks(input logic unused_arg);
    logic [31:0] c;
    crc_masks = {1023'd0, unused_arg & 1'b0};
    for (int i = 0; i < 32; i++) begin
      c = 32'd1 << i;
      for (int k = 0; k < 32; k++) c = c[0] ? ((c >> 1) ^ 32'h82f6_3b78) : (c >> 1);
      for (int j = 0; j < 32; j++) crc_masks[32*j+i] = c[j];
    end
  endfunction
  localparam logic [1023:0] CRC_MASKS = crc_masks(1'b0);

  function logic [31:0] hash_of(input logic [31:0] fold);
    for (int j = 0; j < 32; j++) hash_of[j] = !(^(~fold & CRC_MASKS[32*j+:32]));
  endfunction

  // One's complement sum of two halfwords (RFC 1071).
  // Both sums side by side: the carry chooses, it is not added behind the first one.
  function logic [15:0] add1c(input logic [15:0] a, input logic [15:0] b);
    logic [16:0] s;
    s = {1'b0, a} + {1'b0, b};
    add1c = s[16] ? a - ~b : s[15:0];
  endfunction
endpackage
