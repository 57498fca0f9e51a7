// SPDX-License-Identifier: Apache-2.0
//
// espalier_out_pkg: what the blocks of the outbound path hand to one another.
// A handle stands here as 32 bits (direction, generation, slot), since a type
// of another package inside a type is not understood by every tool.
package espalier_out_pkg;

  /* verilator lint_off UNUSEDPARAM */

  // What happens to a frame. The value is set once, in sad_out, and every
  // later block acts on it: only OUT_CLEAR sends words around the cipher.
  localparam logic [1:0] OUT_DROP = 2'd0;
  localparam logic [1:0] OUT_CLEAR = 2'd1;
  localparam logic [1:0] OUT_PROTECT = 2'd2;

  // A frame that asks for admission. fixed = 1: nothing more to decide, `code`
  // says how it ends; fixed = 0: the SA named by `handle` decides.
  typedef struct packed {
    logic        fixed;
    logic [5:0]  code;
    logic        from_policy;  // the SPD named the SA, not the descriptor
    logic [15:0] policy;
    logic [31:0] handle;
    logic [7:0]  qid;
    logic [15:0] index;
    logic [13:0] frame_len;
    logic [2:0]  l2_words;
    logic [13:0] data_len;
    logic        v6;
    logic [13:0] len;
    logic [6:0]  hdr_len;
    logic        too_long;
    logic        frag;
    logic [5:0]  nh_off;
  } req_t;

  // What the prefix needs of the frame itself; waits beside the admission.
  typedef struct packed {
    logic [191:0] l2;
    logic [3:0]   slot;      // header window
    logic         v6;
    logic [6:0]   hdr_len;
    logic [5:0]   nh_off;
    logic [7:0]   tos;
    logic [7:0]   ttl;
    logic         df;
    logic [13:0]  len;
    logic [7:0]   proto;
    logic [2:0]   l2_words;  // early from its queue
  } head_t;

  typedef struct packed {
    logic         dscp_copy;
    logic [5:0]   dscp;
    logic         ecn;
    logic [1:0]   df;
    logic [7:0]   ttl;
    logic [19:0]  flow;
    logic [127:0] src;
    logic [127:0] dst;
    logic [17:0]  addr_sum;   // outer IPv4 addresses as four 16-bit numbers, added
    logic [31:0]  spi;
    logic [63:0]  seq;
    logic [13:0]  outer_len;  // layer-3 length of the result
    logic [13:0]  body_len;   // OUT_PROTECT: ciphertext bytes; OUT_CLEAR: layer-3 bytes
    logic [2:0]   icv_words;
    logic         v6;         // family of the outer header (tunnel); early from its queue, as
    logic         tunnel;     // what follows
    logic [1:0]   kind;
  } prefix_job_t;

  typedef struct packed {
    logic [1:0]  kind;
    logic [13:0] data_len;    // bytes in the data stream
    logic [4:0]  skip;        // 32-bit words at the front that are not plaintext
    logic [13:0] plain_len;
    logic [13:0] padded_len;
    logic        tunnel;
    logic        v6;          // family of the frame's own datagram
    logic [5:0]  nh_off;
    logic [31:0] spi;
    logic [63:0] seq;
    logic        esn;
    logic [15:0] slot;
  } body_job_t;

  typedef struct packed {
    logic [4:0]  prefix_words;
    logic [13:0] body_len;
    logic [2:0]  icv_words;
    logic        clear;
  } merge_job_t;

  // 108 bits: three block RAMs
  typedef struct packed {
    logic        sent;
    logic [7:0]  qid;
    logic [15:0] index;
    logic [5:0]  code;
    logic [30:0] handle;     // without the direction
    logic [31:0] seq;
    logic [13:0] len;        // sent: on the wire; else as it came
  } end_t;

  /* verilator lint_on UNUSEDPARAM */

endpackage
