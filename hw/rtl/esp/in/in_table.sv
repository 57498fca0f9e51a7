// SPDX-License-Identifier: Apache-2.0
//
// in_table: the table port of the inbound SAD (TBL_SA_IN, TBL_SA_HASH).
//
// OP_ADD    window, limits and counters first, the live entry last
// OP_UPDATE limits; the flags of events already raised are cleared with them
// OP_DELETE the entry is cleared at once; acknowledged when every frame that had
//           entered by then has its verdict. The key context is zeroized by
//           the key's owner after the acknowledgement.
// OP_READ   entry, highest number, counters and limits; these are answered from
//           where they are kept, so the exclusive use of them lasts until then
// OP_CORRUPT (TEST_HOOKS), by bits 1:0 of its data: 0 flips the parity bit of the
//           entry; 1 and 2 set the replay window to the number given, as OP_ADD
//           does, with wrong parity in its lowest word (1) or in that number (2)
module in_table #(
    parameter int SA_ENTRIES = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int NUM_QUEUES = 4,
    parameter int TEST_HOOKS = 0,
    parameter int SW = $clog2(SA_ENTRIES),
    parameter int EW = esp_in_pkg::SAD_W,
    parameter int CW = esp_in_pkg::CNT_W
) (
    input  logic           clk,
    input  logic           rst,
    input  logic           init_done,
    // Fields of other directions and tables are not looked at.
    /* verilator lint_off UNUSEDSIGNAL */
    input  logic           tbl_valid,
    input  logic [3:0]     tbl_op,
    input  logic [3:0]     tbl_table,
    input  logic [15:0]    tbl_index,
    input  logic [1023:0]  tbl_wdata,
    /* verilator lint_on UNUSEDSIGNAL */
    output logic           tbl_ack,
    output logic [3:0]     tbl_res,
    output logic [1023:0]  tbl_rdata,
    // hash table
    output logic           h_valid,
    input  logic           h_done,
    input  logic [3:0]     h_result,
    input  logic [63:0]    h_rdata,
    // entries
    input  logic           e_grant,
    output logic           e_re,
    output logic           e_we,
    output logic [SW-1:0]  slot,
    output logic [EW-1:0]  e_wdata,
    output logic           e_flip,
    input  logic [EW-1:0]  e_entry,
    input  logic           e_bad,
    // limits and counters
    output logic           c_req,
    input  logic           c_gnt,
    output logic           c_re,
    output logic           c_we_lim,
    output logic           c_we_cnt,
    output logic           c_start,
    output logic [255:0]   c_lim_in,
    output logic [CW-1:0]  c_cnt_in,
    input  logic [255:0]   c_lim,
    input  logic [CW-1:0]  c_cnt,
    input  logic           c_bad,       // a cycle behind them
    // replay window
    output logic           set_valid,
    output logic [63:0]    set_seq,
    output logic [1:0]     set_flip,
    input  logic           set_done,
    output logic           get_valid,
    input  logic           get_done,
    input  logic [63:0]    get_seq,
    input  logic           get_bad,
    // frames that have entered and that have their verdict
    input  logic [15:0]    entered,
    input  logic [15:0]    finished
);
  localparam logic [3:0] T_IDLE = 4'd0;
  localparam logic [3:0] T_HASH = 4'd1;
  localparam logic [3:0] T_ENTRY = 4'd2;   // entry is being read
  localparam logic [3:0] T_ENTRY2 = 4'd3;
  localparam logic [3:0] T_ENTRY3 = 4'd4;
  localparam logic [3:0] T_DECIDE = 4'd5;
  localparam logic [3:0] T_WINDOW = 4'd6;
  localparam logic [3:0] T_COUNT = 4'd7;   // limits and counters: ask
  localparam logic [3:0] T_COUNT2 = 4'd8;
  localparam logic [3:0] T_COUNT3 = 4'd9;
  localparam logic [3:0] T_COUNT4 = 4'd10;
  localparam logic [3:0] T_WRITE = 4'd11;  // entry is being written
  localparam logic [3:0] T_SNAP = 4'd12;
  localparam logic [3:0] T_DRAIN = 4'd13;
  localparam logic [3:0] T_GET = 4'd14;
  localparam logic [3:0] T_ACK = 4'd15;

  logic [3:0] state;
  logic [3:0] res;
  logic [EW-1:0] k_entry;
  logic k_bad, top_bad, waited;  // parity wrong: entry, number
  logic bad;  // limits, counters or number
  logic got, got_hash;    // a read has found all of it
  logic show, show_hash;  // it is answered
  logic asked;            // what is asked has been looked at
  logic [15:0] target, behind;
  logic is_add, is_upd, is_del, is_read, is_corrupt;
  logic is_hash, is_sa, in_range, fits;  // fits: the values of the entry

  always_ff @(posedge clk) begin
    asked <= tbl_valid && !tbl_ack && !rst;
    if (tbl_valid && !asked) begin
      is_add     <= tbl_op == espalier_pkg::OP_ADD;
      is_upd     <= tbl_op == espalier_pkg::OP_UPDATE;
      is_del     <= tbl_op == espalier_pkg::OP_DELETE;
      is_read    <= tbl_op == espalier_pkg::OP_READ;
      is_corrupt <= tbl_op == espalier_pkg::OP_CORRUPT && TEST_HOOKS != 0;
      is_hash    <= tbl_table == espalier_pkg::TBL_SA_HASH;
      is_sa      <= tbl_table == espalier_pkg::TBL_SA_IN;
      in_range   <= (tbl_index >> SW) == 16'd0;
    end
  end

  // -------------------------------------------- struct espalier_sa_entry, used
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] w_flags, w_queue;
  // verilator lint_on UNUSEDSIGNAL
  logic [14:0] w_gen;
  logic [1:0]  w_icv;
  logic [12:0] w_window, window;
  logic        w_esn, w_replay, value_ok;
  logic [31:0] w_spi;
  assign w_flags  = tbl_wdata[31:0];
  assign w_spi    = tbl_wdata[63:32];
  assign w_gen    = tbl_wdata[64+:15];
  assign w_window = tbl_wdata[96+:13];
  assign w_queue  = tbl_wdata[128+:32];
  assign w_icv    = w_flags[4:3];
  assign w_esn    = w_flags[2];
  assign w_replay = w_flags[15];
  assign set_seq  = tbl_wdata[13*32+:64];
  assign c_lim_in = tbl_wdata[15*32+:256];
  // Inference of high bits needs a window even when nothing is refused.
  assign window   = (w_window == 13'd0) ? 13'd64 : w_window;
  assign value_ok = w_icv != 2'd3 && w_spi != 32'd0 && w_gen != 15'd0 &&
      {19'd0, w_window} <= WINDOW_MAX && (!w_replay || w_window >= 13'd32) &&
      (!w_queue[8] || {24'd0, w_queue[7:0]} < NUM_QUEUES) && (w_esn || set_seq[63:32] == 32'd0);

  assign slot = tbl_index[SW-1:0];

  assign h_valid  = state == T_HASH;
  assign e_re     = state == T_ENTRY;
  assign e_we     = state == T_WRITE;
  assign c_re     = state == T_COUNT && c_gnt;
  assign c_we_cnt = c_we_lim;
  assign c_start  = c_we_lim;
  assign bad      = c_bad || (is_read && top_bad);
  assign c_cnt_in = is_add ? '0 : {4'd0, c_cnt[CW-5:0]};
  assign set_valid = state == T_WINDOW;
  assign set_flip  = is_corrupt ? tbl_wdata[1:0] : 2'd0;
  assign get_valid = state == T_GET;
  assign behind    = finished - target;
  logic unused;
  assign unused = &{1'b0, behind[14:0]};

  // ---------------------------------------------------------------- read-out
  logic [63:0]   top;
  logic [14:0]   i_gen;
  logic [15:0]   i_reqid;
  logic [8:0]    i_queue;
  logic          i_live, i_v6, i_tunnel, i_esn, i_ecn, i_replay;
  logic [1:0]    i_icv;
  logic [12:0]   i_window;
  logic [31:0]   i_spi;
  logic [127:0]  i_dst;
  logic          n_hard, n_soft_b, n_soft_p, n_parity;
  assign {i_live, i_v6, i_gen, i_reqid, i_queue, i_tunnel, i_esn, i_icv, i_ecn, i_replay, i_window, i_spi,
          i_dst} = k_entry;
  assign {n_hard, n_soft_b, n_soft_p, n_parity} = c_cnt[CW-1-:4];

  always_comb begin
    tbl_rdata = '0;
    if (show) begin
      tbl_rdata[31:0]       = {16'd0, i_replay, i_ecn, 9'd0, i_icv, i_esn, i_v6, i_tunnel};
      tbl_rdata[1*32+:32]   = i_spi;
      tbl_rdata[2*32+:32]   = {i_reqid, 1'b0, i_gen};
      tbl_rdata[3*32+:32]   = {19'd0, i_window};
      tbl_rdata[4*32+:32]   = {23'd0, i_queue};
      tbl_rdata[9*32+:128]  = i_dst;
      tbl_rdata[13*32+:64]  = top;
      tbl_rdata[15*32+:256] = c_lim;
      tbl_rdata[23*32+:64]  = c_cnt[63:0];
      tbl_rdata[25*32+:64]  = c_cnt[127:64];
      tbl_rdata[27*32+:32]  = {26'd0, n_parity || k_bad || bad, n_soft_p, n_soft_b, n_hard, 1'b0, i_live};
      tbl_rdata[28*32+:32]  = c_cnt[159:128];
      tbl_rdata[29*32+:32]  = c_cnt[191:160];
    end
    if (show_hash) tbl_rdata[63:0] = h_rdata;
  end

  always_ff @(posedge clk) begin
    tbl_ack   <= 1'b0;
    show      <= state == T_ACK && got;
    show_hash <= state == T_ACK && got_hash;
    c_we_lim  <= 1'b0;
    case (state)
      T_IDLE:
      if (asked && init_done && !tbl_ack) begin
        res      <= espalier_pkg::RES_OK;
        got      <= 1'b0;
        got_hash <= 1'b0;
        if (is_hash) state <= T_HASH;
        else if (!is_sa || !(is_add || is_upd || is_del || is_read || is_corrupt)) begin
          res   <= espalier_pkg::RES_OP;
          state <= T_ACK;
        end else if (!in_range) begin
          res   <= espalier_pkg::RES_INDEX;
          state <= T_ACK;
        end else state <= T_ENTRY;
      end
      T_HASH:
      if (h_done) begin
        res      <= h_result;
        got_hash <= is_read;
        state    <= T_ACK;
      end
      T_ENTRY:  if (e_grant) state <= T_ENTRY2;
      T_ENTRY2: state <= T_ENTRY3;
      T_ENTRY3: begin
        k_entry <= e_entry;
        k_bad   <= e_bad;
        fits    <= value_ok;
        state   <= T_DECIDE;
      end
      T_DECIDE: begin
        state <= T_ACK;
        // what T_WRITE writes
        e_wdata <= '0;
        e_flip  <= 1'b0;
        if (is_corrupt) begin
          e_wdata <= k_entry;
          e_flip  <= !k_bad;
        end else if (is_add)
          e_wdata <= {
            1'b1, w_flags[1], w_gen, tbl_wdata[80+:16], w_queue[8:0], w_flags[0], w_esn, w_icv,
            w_flags[14], w_replay, window, w_spi, tbl_wdata[9*32+:128]
          };
        if (is_add) begin
          if (i_live) res <= espalier_pkg::RES_EXISTS;
          else if (!fits) res <= espalier_pkg::RES_VALUE;
          else state <= T_WINDOW;
        end else if (!i_live) res <= espalier_pkg::RES_ABSENT;
        else if (is_corrupt && tbl_wdata[1:0] != 2'd0) state <= T_WINDOW;
        else if (is_del || is_corrupt) state <= T_WRITE;
        else if (is_read) state <= T_GET;
        else begin
          state <= T_COUNT;
          c_req <= 1'b1;
        end
      end
      T_WINDOW:
      if (set_done) begin
        state <= is_corrupt ? T_ACK : T_COUNT;
        c_req <= !is_corrupt;
      end
      T_COUNT:  if (c_gnt) state <= T_COUNT2;
      T_COUNT2: begin
        waited <= !waited;
        if (waited) state <= T_COUNT3;
      end
      T_COUNT3: begin
        got   <= is_read;
        state <= is_read ? T_ACK : T_COUNT4;
      end
      // c_bad is there. Counters and limits are written in the second of two cycles.
      T_COUNT4: begin
        waited   <= !waited;
        c_we_lim <= !waited && (is_add || (is_upd && !bad));
        if (waited) begin
          c_req <= 1'b0;
          state <= is_add ? T_WRITE : T_ACK;
          if (is_upd && bad) res <= espalier_pkg::RES_PARITY;
        end
      end
      T_WRITE:
      if (e_grant) state <= is_del ? T_SNAP : T_ACK;
      T_SNAP: begin
        target <= entered;
        state  <= T_DRAIN;
      end
      T_DRAIN: if (!behind[15]) state <= T_ACK;
      T_GET:
      if (get_done) begin
        top     <= get_seq;
        top_bad <= get_bad;
        state   <= T_COUNT;
        c_req   <= 1'b1;
      end
      default: begin  // T_ACK
        tbl_ack <= 1'b1;
        tbl_res <= res;
        if (got && (k_bad || bad)) tbl_res <= espalier_pkg::RES_PARITY;
        c_req   <= 1'b0;
        state   <= T_IDLE;
      end
    endcase
    if (rst) begin
      state     <= T_IDLE;
      waited    <= 1'b0;
      c_req     <= 1'b0;
      tbl_ack   <= 1'b0;
      show      <= 1'b0;
      show_hash <= 1'b0;
    end
  end
endmodule
