// SPDX-License-Identifier: Apache-2.0
//
// sa_count_in: counters and lifetimes of the inbound SAs, and their events.
//
// One job a frame (j_*), 5 cycles each. CNT_DELIVER adds a packet and its
// bytes, unless the SA has reached its hard limit; r_* answers with CODE_NONE,
// RX_STATE_EXPIRED or RX_PARITY. The packet that reaches a hard limit is still
// delivered, the SA stops behind it. Other jobs count and have no answer.
//
// Every event is raised once: EV_SOFT_* when a soft limit is reached, EV_HARD_*
// with the stop, EV_PARITY for an SA or the hash table. `ev` is a pulse a cycle.
//
// x_*: exclusive use by table operations between jobs (x_req until done, granted
// by x_gnt). x_re reads counters and limits (3 cycles, x_bad 4); x_we_lim and x_we_cnt
// write, the counters a cycle later: x_slot and x_cnt_in hold.
module sa_count_in #(
    parameter int SA_ENTRIES = 1024,
    parameter int SW = $clog2(SA_ENTRIES),
    parameter int CW = esp_in_pkg::CNT_W
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  j_valid,
    output logic                  j_ready,
    input  logic [2:0]            j_op,
    input  espalier_pkg::handle_t j_handle,
    input  logic [13:0]           j_bytes,
    output logic                  r_valid,
    input  logic                  r_ready,
    output logic [5:0]            r_code,
    output logic                  busy,
    output logic                  ev_valid,
    output espalier_pkg::event_t  ev,
    output logic                  stop_we,
    output logic [SW-1:0]         stop_slot,
    output logic                  stop_value,
    input  logic                  x_req,
    output logic                  x_gnt,
    input  logic                  x_re,
    input  logic                  x_we_lim,
    input  logic                  x_we_cnt,
    input  logic                  x_start,    // stop bit is cleared
    input  logic [SW-1:0]         x_slot,
    input  logic [255:0]          x_lim_in,
    input  logic [CW-1:0]         x_cnt_in,
    output logic [255:0]          x_lim,      // hard packets, soft packets, hard bytes, soft bytes
    output logic [CW-1:0]         x_cnt,
    output logic                  x_bad
);
  // ---------------------------------------------------------------- memories
  // One memory, counters below, limits above, which are read a cycle later.
  logic [SW-1:0] raddr, waddr;
  logic re, re_q, re_qq, mem_re, cnt_we;
  logic [CW-1:0] cnt_wdata;
  logic cnt_par, x_lim_par;
  logic [256:0] q;
  logic [255:0] lim;  // valid a cycle behind cnt_q
  logic [CW-1:0] cnt_q;

  ram_1r1w #(.WIDTH(257), .DEPTH(2 * SA_ENTRIES)) u_mem (
      .clk(clk), .we(x_we_lim || cnt_we), .waddr({x_we_lim, x_we_lim ? x_slot : waddr}),
      .wdata(x_we_lim ? {x_lim_par, x_lim_in} : 257'({cnt_par, cnt_wdata})),
      .re(mem_re), .raddr({re_q, re_q ? waddr : raddr}), .rdata(q)
  );
  assign lim = q[255:0];
  // The parities of both, from one tree: they come by one after the other.
  logic low_odd, cnt_odd, bad;
  assign low_odd = ^q[CW:0];
  always_ff @(posedge clk) begin
    x_lim_par <= ^x_lim_in;  // which stands long before it is written
    re_q  <= re && !rst;
    re_qq <= re_q && !rst;
    if (re_qq) begin
      cnt_q   <= q[CW-1:0];
      cnt_odd <= low_odd;
    end
  end

  // Counter entry: flags, failures, replays, packets, bytes.
  logic [63:0] q_bytes, q_packets;
  logic [31:0] q_replays, q_auth;
  logic        q_hard, q_soft_b, q_soft_p, q_parity;
  assign {q_hard, q_soft_b, q_soft_p, q_parity, q_auth, q_replays, q_packets, q_bytes} = cnt_q;
  assign x_lim = lim;
  assign x_cnt = cnt_q;
  assign x_bad = bad;

  // -------------------------------------------------------------------- jobs
  localparam logic [2:0] E_IDLE = 3'd0;
  localparam logic [2:0] E_READ = 3'd1;
  localparam logic [2:0] E_ADD = 3'd2;
  localparam logic [2:0] E_LIMIT = 3'd3;
  localparam logic [2:0] E_WRITE = 3'd4;
  localparam logic [2:0] E_TABLE = 3'd5;  // used by a table operation

  logic [2:0] state;
  logic [2:0] k_op;
  espalier_pkg::handle_t k_handle;
  logic [13:0] k_bytes;
  logic [63:0] n_bytes, n_packets;
  logic [31:0] n_auth, n_replays;
  logic n_odd, q_odd;  // parity of packets and bytes, new and old
  logic was_hard_b, was_hard_p;
  logic soft_b, soft_p, reach_b, reach_p, hard_b, hard_p;
  logic x_we_cnt_q;
  logic job, count, expired;
  logic counts, ends;  // to be delivered, and not stopped before; it will be now
  logic room;
  logic [2:0] r_count;

  // An answer always finds room: when this is seen, one more may be there, and one
  // job is under way; four places.
  always_ff @(posedge clk) room <= r_count < 3'd3;
  assign j_ready = state == E_IDLE && !x_req && room;
  assign job     = j_valid && j_ready && j_op != esp_in_pkg::CNT_NONE;
  assign x_gnt   = state == E_TABLE;

  // The memory reads without knowing whether there is a job.
  assign mem_re = state == E_IDLE || (x_gnt && x_re) || re_q;
  assign re    = job || (x_gnt && x_re);
  assign raddr = x_gnt ? x_slot : j_handle.slot[SW-1:0];
  assign waddr = x_gnt ? x_slot : k_handle.slot[SW-1:0];

  assign expired = q_hard || was_hard_b || was_hard_p;
  // Chooses what is written, so it is short.
  assign count   = counts && !bad && !was_hard_b && !was_hard_p;
  assign ends    = counts && (was_hard_b || was_hard_p || reach_b || reach_p);
  assign hard_b  = count && reach_b;
  assign hard_p  = count && reach_p;

  always_comb begin
    cnt_we = state == E_WRITE && !bad && k_op != esp_in_pkg::CNT_TABLE;
    cnt_wdata = {
      q_hard || ends,
      q_soft_b || (count && soft_b),
      q_soft_p || (count && soft_p),
      q_parity || (k_op == esp_in_pkg::CNT_PARITY),
      n_auth,
      n_replays,
      count ? n_packets : q_packets,
      count ? n_bytes : q_bytes
    };
    cnt_par = (^cnt_wdata[CW-1:128]) ^ (count ? n_odd : q_odd);
    if (x_gnt) begin
      cnt_we = x_we_cnt_q;
      cnt_wdata = x_cnt_in;
      cnt_par = ^x_cnt_in;
    end
  end

  always_ff @(posedge clk) begin
    case (state)
      E_IDLE:
      if (x_req) state <= E_TABLE;
      else if (job) begin
        k_op     <= j_op;
        k_handle <= j_handle;
        k_bytes  <= j_bytes;
        state    <= E_READ;
      end
      E_READ: state <= E_ADD;
      E_ADD: begin
        n_bytes   <= q[63:0] + {50'd0, k_bytes};
        n_packets <= q[127:64] + 64'd1;
        state     <= E_LIMIT;
      end
      E_LIMIT: begin
        counts     <= k_op == esp_in_pkg::CNT_DELIVER && !q_hard;
        was_hard_b <= lim[127:64] != 64'd0 && q_bytes >= lim[127:64];
        was_hard_p <= lim[255:192] != 64'd0 && q_packets >= lim[255:192];
        n_auth     <= q_auth + {31'd0, k_op == esp_in_pkg::CNT_AUTH};
        n_replays  <= q_replays + {31'd0, k_op == esp_in_pkg::CNT_REPLAY};
        n_odd      <= ^{n_packets, n_bytes};
        q_odd      <= ^{q_packets, q_bytes};
        soft_b     <= lim[63:0] != 64'd0 && n_bytes >= lim[63:0];
        reach_b    <= lim[127:64] != 64'd0 && n_bytes >= lim[127:64];
        soft_p     <= lim[191:128] != 64'd0 && n_packets >= lim[191:128];
        reach_p    <= lim[255:192] != 64'd0 && n_packets >= lim[255:192];
        state      <= E_WRITE;
      end
      E_WRITE: state <= E_IDLE;
      default: if (!x_req) state <= E_IDLE;
    endcase
    if (state == E_LIMIT || x_gnt) bad <= (low_odd ^ (^q[256:CW+1])) || cnt_odd;
    x_we_cnt_q <= x_gnt && x_we_cnt;
    if (rst) state <= E_IDLE;
  end

  // ----------------------------------------------------------------- answers
  logic unused_ready;
  fifo_sync #(
      .WIDTH(6),
      .DEPTH(4)
  ) u_answers (
      .clk(clk),
      .rst(rst),
      .s_valid(state == E_WRITE && k_op == esp_in_pkg::CNT_DELIVER),
      .s_ready(unused_ready),
      .s_data(bad ? espalier_pkg::RX_PARITY : expired ? espalier_pkg::RX_STATE_EXPIRED : espalier_pkg::CODE_NONE),
      .m_valid(r_valid),
      .m_ready(r_ready),
      .m_data(r_code),
      .count(r_count)
  );

  // ------------------------------------------------------------- stop, events
  logic stops;
  assign stops = state == E_WRITE && !bad && ends;
  assign stop_we    = stops || (x_gnt && x_start);
  assign stop_slot  = waddr;
  assign stop_value = stops;

  logic [4:0]  pend;
  logic [31:0] e_handle;
  logic [3:0]  e_table;
  assign busy = state != E_IDLE || pend != 5'd0;
  logic        lost_said;  // a corrupted counter entry cannot say that it was reported
  always_ff @(posedge clk) begin
    ev_valid <= |pend;
    ev.handle <= e_handle;
    ev.info   <= 32'd0;
    if (pend[0]) ev.etype <= espalier_pkg::EV_SOFT_BYTES;
    else if (pend[1]) ev.etype <= espalier_pkg::EV_HARD_BYTES;
    else if (pend[2]) ev.etype <= espalier_pkg::EV_SOFT_PACKETS;
    else if (pend[3]) ev.etype <= espalier_pkg::EV_HARD_PACKETS;
    else begin
      ev.etype <= espalier_pkg::EV_PARITY;
      ev.info  <= {28'd0, e_table};
    end
    pend <= pend & (pend - 5'd1);
    if (state == E_WRITE) begin
      e_handle <= k_handle;
      e_table  <= (k_op == esp_in_pkg::CNT_TABLE) ? espalier_pkg::TBL_SA_HASH : espalier_pkg::TBL_SA_IN;
      pend[0]  <= count && soft_b && !q_soft_b;
      pend[1]  <= stops && (was_hard_b || hard_b);
      pend[2]  <= count && soft_p && !q_soft_p;
      pend[3]  <= stops && (was_hard_p || hard_p);
      pend[4]  <= (k_op == esp_in_pkg::CNT_TABLE) ? 1'b1 : bad ? !lost_said :
                  (k_op == esp_in_pkg::CNT_PARITY && !q_parity);
      if (bad && k_op != esp_in_pkg::CNT_TABLE) lost_said <= 1'b1;
    end
    if (x_gnt && x_we_cnt) lost_said <= 1'b0;
    if (rst) begin
      pend      <= '0;
      ev_valid  <= 1'b0;
      lost_said <= 1'b0;
    end
  end
  logic unused;
  assign unused = unused_ready;
endmodule
