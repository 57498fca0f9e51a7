// SPDX-License-Identifier: Apache-2.0
//
// in_admit: finds the SA of an ESP frame and lets the frame in or not.
//
// Takes the frames in order (q_*), for ESP with the places that sa_lookup found (m_*),
// which it takes up when it begins. Each place that matched on the SPI is compared in
// full with its SAD entry, best place first, until one fits (RFC 4303 section 3.4.2,
// RFC 4301 section 4.1). Then the sequence number goes to the replay pre-check (c_*, a
// cycle later), and the frame to feeding (o_*).
//
// 1 cycle for a frame without a look-up, 4 cycles for each place compared, 2 to say
// that there is none.
module in_admit #(
    parameter int SA_ENTRIES = 1024,
    parameter int SW = $clog2(SA_ENTRIES),
    parameter int EW = esp_in_pkg::SAD_W
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              q_valid,
    output logic              q_ready,
    input  esp_in_pkg::ask_t  q,
    input  logic              m_valid,
    output logic              m_ready,
    input  logic [       3:0] m_match,
    input  logic              m_parity,
    input  logic [4*SW-1:0]   m_slots,
    input  logic [SW-1:0]     m_first,  // slot of the best place
    output logic              a_re,
    output logic [SW-1:0]     a_slot,
    input  logic [EW-1:0]     a_entry,
    input  logic              a_bad,
    input  logic              a_stop,
    output logic              c_valid,
    input  logic              c_ready,
    output logic [SW-1:0]     c_slot,
    output logic [31:0]       c_seq,
    output logic              c_esn,
    output logic              c_replay,
    output logic [12:0]       c_window,
    output logic              o_valid,
    input  logic              o_ready,
    output esp_in_pkg::work_t o
);
  // Layout of an entry, see in_table: live, outer family, flags, SPI, destination.
  localparam int E_DST = 0, E_SPI = 128, E_SA = 160;
  localparam int SA_BITS = 15 + 16 + 9 + 6 + 13;

  localparam logic [1:0] S_IDLE = 2'd0;
  localparam logic [1:0] S_READ = 2'd1;
  localparam logic [1:0] S_COMPARE = 2'd2;
  localparam logic [1:0] S_DECIDE = 2'd3;

  function logic [13:0] icv_bytes(input logic [1:0] kind);
    icv_bytes = (kind == 2'd0) ? 14'd16 : (kind == 2'd1) ? 14'd12 : 14'd8;
  endfunction

  logic [1:0] state;
  logic [3:0] left, k_left;  // places that matched: with the one to be compared, without it
  logic       esp, none, done, begins;
  logic       again;         // a place was compared and did not fit
  logic       k_parity;
  logic [4*SW-1:0] k_slots;
  logic [SW-1:0] next, next_q;  // slot of the best place behind it

  assign esp    = q.cls == esp_in_pkg::CLS_ESP;
  assign begins = state == S_IDLE && q_valid && esp && (again || m_valid);
  assign left   = again ? k_left : m_match;
  assign none   = left == 4'd0;

  always_comb begin
    if (k_left[0]) next = k_slots[0*SW+:SW];
    else if (k_left[1]) next = k_slots[1*SW+:SW];
    else if (k_left[2]) next = k_slots[2*SW+:SW];
    else next = k_slots[3*SW+:SW];
  end
  // The memory is addressed without going through the choice.
  assign a_slot = again ? next_q : m_first;
  // Read at once, whether there is something to compare or not.
  assign a_re = state == S_IDLE && (again || m_valid);

  // Comparison: the parts first, with the SPI that it is live and of the family, their sum a
  // cycle later.
  logic [SW-1:0] k_slot;
  logic [4:0]    k_eq;
  logic          k_bad, k_stop, k_none;
  logic          k_over;   // k_none or k_bad: decided without a comparison
  logic [SA_BITS-1:0] k_sa;
  logic          fits;
  logic [13:0]   icv_len, ct;
  logic          k_short;  // of the ciphertext there is none
  esp_in_pkg::sa_t sa;

  assign fits   = &k_eq;
  assign {sa.gen, sa.reqid, sa.qsel, sa.tunnel, sa.esn, sa.icv, sa.ecn, sa.replay, sa.window} = k_sa;
  assign sa.slot = {{(16 - SW) {1'b0}}, k_slot};
  assign icv_len = icv_bytes(sa.icv);
  assign ct     = q.body - icv_len;

  logic admit;  // goes on to the pre-check and the cipher
  always_comb begin
    done    = 1'b0;
    admit   = 1'b0;
    o       = '0;
    o.code  = q.code;
    o.cls   = q.cls;
    o.sa    = sa;
    o.spi   = q.spi;
    o.iv    = q.iv;
    o.ct_len = ct;
    o.hdr_len = q.hdr_len;
    o.words = q.words;
    o.tail  = q.tail;
    if (state == S_IDLE) done = q_valid && !esp;
    else if (state == S_DECIDE) begin
      o.cls = esp_in_pkg::CLS_DROP;
      o.hit = !k_none && (k_bad || fits);
      done  = k_over || fits;
      if (k_none) begin
        o.code = k_parity ? espalier_pkg::RX_PARITY : espalier_pkg::RX_NO_STATE;
        o.table_bad = k_parity;
      end else if (k_bad) o.code = espalier_pkg::RX_PARITY;
      else if (k_stop) o.code = espalier_pkg::RX_STATE_EXPIRED;
      else if (k_short) o.code = espalier_pkg::RX_HDR_ERROR;
      else begin
        admit  = fits;
        o.cls  = esp_in_pkg::CLS_ESP;
      end
    end
  end

  // Both take the frame in one cycle. The request of the frame before has left its
  // register long since.
  assign o_valid  = done && (state == S_IDLE || !c_valid);
  assign q_ready  = o_valid && o_ready;
  assign m_ready  = begins && !again;

  // What is asked stands there before it is known whether it is, which comes late.
  always_ff @(posedge clk) begin
    if (state == S_DECIDE && !c_valid) begin
      c_slot   <= k_slot;
      c_seq    <= q.seq;
      c_esn    <= sa.esn;
      c_replay <= sa.replay;
      c_window <= sa.window;
    end
    if (rst) c_valid <= 1'b0;
    else if (q_ready && admit) c_valid <= 1'b1;
    else if (c_ready) c_valid <= 1'b0;
  end

  always_ff @(posedge clk) begin
    case (state)
      S_IDLE: begin
        k_slot <= a_slot;
        k_none <= none;
        k_over <= none;
        if (begins) begin
          k_left <= left & {|left[2:0], |left[1:0], left[0], 1'b0};  // without the lowest one
          state  <= none ? S_DECIDE : S_READ;
        end
        if (!again) begin
          k_slots  <= m_slots;
          k_parity <= m_parity;
        end
      end
      S_READ: state <= S_COMPARE;
      S_COMPARE: begin
        next_q <= next;
        k_bad  <= a_bad;
        k_stop <= a_stop;
        k_over <= a_bad;
        k_sa   <= a_entry[E_SA+:SA_BITS];
        k_short <= q.body < icv_bytes(a_entry[E_SA+15+:2]) + 14'd4;
        k_eq   <= {
          a_entry[E_SPI+:32] == q.spi && a_entry[EW-1] && a_entry[EW-2] == q.v6,
          a_entry[E_DST+96+:32] == q.dst[127:96],
          a_entry[E_DST+64+:32] == q.dst[95:64],
          a_entry[E_DST+32+:32] == q.dst[63:32],
          a_entry[E_DST+:32] == q.dst[31:0]
        };
        state  <= S_DECIDE;
      end
      default: if (!done || q_ready) state <= S_IDLE;
    endcase
    if (state == S_DECIDE) again <= 1'b1;
    if (rst || q_ready) again <= 1'b0;
    if (rst) state <= S_IDLE;
  end
endmodule
