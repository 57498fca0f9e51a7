// SPDX-License-Identifier: Apache-2.0
//
// spd: security policy database. One ordered table of policies, one flow cache
// and one walker, for two clients: 0 (o_*) outbound, 1 (i_*) inbound. The
// direction is the port: a client sees only the policies of its direction.
//
// Throughput: one request in two cycles over both clients, in turn when both ask:
// as fast as both wires can bring frames. A hit is answered 11 cycles after the
// request, in order per client. A miss walks the table: at most ENTRIES + 13 cycles from
// the start of the walk to its result (miss_cycles says the longest seen), 6
// more for each OP_READ meanwhile; at most 2 * ENTRIES + 14, and 8 more, where a
// table of up to 64 entries is kept in halves; it holds up its own client only, and the
// other one if that needs the walker.
// Entries behind the highest one ever written are not walked.
//
// Every write to the table empties the cache, ends the walk under way, and
// takes back all results that no client has taken yet, before it is
// acknowledged; the requests are then asked again. So after the
// acknowledgement no decision of the old table is answered. This is why
// res_valid can go low without res_ready.
//
// No policy: match = 0, action DISCARD. A corrupted entry met in a walk, or a
// corrupted answer: parity = 1, match = 1, action DISCARD, nothing is cached,
// and EV_PARITY (info: the table, handle: the index) once until the table is
// written again.
module spd #(
    parameter int ENTRIES = 256,
    parameter int CACHE_SETS = 1024,
    parameter int TEST_HOOKS = 0,
    parameter int EPOCH_W = 8
) (
    input  logic                      clk,
    input  logic                      rst,
    output logic                      init_done,
    output logic                      busy,       // something moves in this cycle
    input  logic                      o_req_valid,
    output logic                      o_req_ready,
    input  espalier_pkg::selector_t   o_req,
    output logic                      o_res_valid,
    input  logic                      o_res_ready,
    output espalier_pkg::spd_result_t o_res,
    input  logic                      i_req_valid,
    output logic                      i_req_ready,
    input  espalier_pkg::selector_t   i_req,
    output logic                      i_res_valid,
    input  logic                      i_res_ready,
    output espalier_pkg::spd_result_t i_res,
    input  logic                      tbl_valid,
    input  logic [3:0]                tbl_op,
    input  logic [3:0]                tbl_table,
    input  logic [15:0]               tbl_index,
    input  logic [1023:0]             tbl_wdata,
    output logic                      tbl_ack,
    output logic [3:0]                tbl_res,
    output logic [1023:0]             tbl_rdata,
    output logic                      ev_valid,
    output espalier_pkg::event_t      ev,
    output logic [15:0]               miss_cycles,
    output logic [31:0]               hits,
    output logic [31:0]               misses
);
  localparam int IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1;
  localparam int AW = $clog2(CACHE_SETS);
  localparam int HALVES = (ENTRIES <= 64) ? 2 : 1;

  logic flush, hold, pause;      // from the table
  logic closing;                 // a walk has ended, its result wants through
  logic cache_busy, w_busy;

  // ----------------------------------------------------------------- clients
  logic                      o_want, i_want, o_take, i_take;
  logic [3:0]                o_slot, i_slot, r_slot;
  espalier_pkg::selector_t   o_key, i_key;
  logic                      o_miss, i_miss, o_done, i_done, o_put, i_put;
  logic                      o_pending, i_pending;
  espalier_pkg::spd_result_t put;

  assign busy = !init_done || cache_busy || w_busy || closing || o_pending || i_pending ||
                (o_req_valid && o_req_ready) || (o_res_valid && o_res_ready) ||
                (i_req_valid && i_req_ready) || (i_res_valid && i_res_ready);

  spd_client u_out (
      .clk      (clk),
      .rst      (rst),
      .open     (init_done),
      .flush    (flush),
      .req_valid(o_req_valid),
      .req_ready(o_req_ready),
      .req      (o_req),
      .res_valid(o_res_valid),
      .res_ready(o_res_ready),
      .res      (o_res),
      .iss_want (o_want),
      .iss_take (o_take),
      .iss_slot (o_slot),
      .iss_key  (o_key),
      .miss     (o_miss),
      .miss_slot(r_slot),
      .done     (o_done),
      .pending  (o_pending),
      .put_valid(o_put),
      .put      (put)
  );

  spd_client u_in (
      .clk      (clk),
      .rst      (rst),
      .open     (init_done),
      .flush    (flush),
      .req_valid(i_req_valid),
      .req_ready(i_req_ready),
      .req      (i_req),
      .res_valid(i_res_valid),
      .res_ready(i_res_ready),
      .res      (i_res),
      .iss_want (i_want),
      .iss_take (i_take),
      .iss_slot (i_slot),
      .iss_key  (i_key),
      .miss     (i_miss),
      .miss_slot(r_slot),
      .done     (i_done),
      .pending  (i_pending),
      .put_valid(i_put),
      .put      (put)
  );

  // ------------------------------------------------------------------- cache
  logic             go, turn, pick, taken;
  logic [1:0]       kill;
  logic             r_valid, r_client, r_hit, r_none, r_way;
  logic [IDX_W-1:0] r_idx;
  logic [AW-1:0]    r_addr0, r_addr1;
  logic             ins_valid, ins_ready;

  // One gap behind a walk lets its result through: into the cache when it
  // passes stage 2, to the client when it comes out at the end.
  // The walker takes its key where lookups take theirs.
  assign go     = !flush && !hold && !w_done && init_done && !taken && !w_due;
  assign pick   = w_due ? w_pick : i_want && (!o_want || turn);
  // A lookup that starts in the cycle of a miss is killed like the others.
  assign o_take = go && o_want && !pick;
  assign i_take = go && i_want && pick;
  assign o_miss = r_valid && !r_hit && !r_client && !flush;
  assign i_miss = r_valid && !r_hit && r_client && !flush;
  assign kill   = {i_miss || flush, o_miss || flush};

  always_ff @(posedge clk) begin
    taken <= (o_take || i_take) && !rst;
    if (o_take || i_take) turn <= o_take;
    if (rst) turn <= 1'b0;
  end

  // The walker's request
  logic                    w_client;
  espalier_pkg::selector_t key, w_key;
  logic                    w_none, w_parity, w_due, w_start, w_done;
  logic [IDX_W-1:0]        w_idx;
  logic                    wait0, wait1;      // a client waits for the walker
  logic [AW-1:0]           m0_addr0, m0_addr1, m1_addr0, m1_addr1;
  logic                    m0_way, m1_way;

  assign key = pick ? i_key : o_key;

  flow_cache #(
      .SETS(CACHE_SETS),
      .IDX_W(IDX_W),
      .EPOCH_W(EPOCH_W)
  ) u_cache (
      .clk       (clk),
      .rst       (rst),
      .flush     (flush),
      .busy      (cache_busy),
      .lk_valid  (o_take || i_take),
      .lk_client (pick),
      .lk_slot   (pick ? i_slot : o_slot),
      .lk_key    (key),
      .kill      (kill),
      .r_valid   (r_valid),
      .r_client  (r_client),
      .r_slot    (r_slot),
      .r_hit     (r_hit),
      .r_none    (r_none),
      .r_idx     (r_idx),
      .r_addr0   (r_addr0),
      .r_addr1   (r_addr1),
      .r_way     (r_way),
      .ins_prep  (w_busy),
      .ins_valid (ins_valid),
      .ins_ready (ins_ready),
      .ins_client(w_client),
      .ins_key   (w_key),
      .ins_none  (w_none),
      .ins_idx   (w_idx),
      .ins_addr0 (w_client ? m1_addr0 : m0_addr0),
      .ins_addr1 (w_client ? m1_addr1 : m0_addr1),
      .ins_way   (w_client ? m1_way : m0_way)
  );

  // -------------------------------------------------------------------- walk
  logic              rd, rbad;
  logic [IDX_W-1:0]  raddr;
  logic [639:0]      rdata;
  logic [IDX_W:0]    top;
  logic              w_pick, inserted, inject, answer;

  assign w_start   = w_due && !hold && !flush;
  // A parity error is not cached: the table may be repaired any time.
  assign ins_valid = closing && !inserted && !flush;
  assign answer    = closing && inserted && !r_valid;  // not if there is a flush, which comes late
  assign inject    = answer && !flush;
  assign o_done    = inject && !w_client;
  assign i_done    = inject && w_client;

  always_ff @(posedge clk) begin
    // In registers: the key that is looked up or walked for hangs on them.
    w_due  <= (wait0 || wait1) && !w_due && !w_busy && !w_done && !closing && !flush && !rst;
    w_pick <= wait1 && (!wait0 || !w_client);  // not the one of last time
    if (o_miss) begin
      wait0    <= 1'b1;
      m0_addr0 <= r_addr0;
      m0_addr1 <= r_addr1;
      m0_way   <= r_way;
    end
    if (i_miss) begin
      wait1    <= 1'b1;
      m1_addr0 <= r_addr0;
      m1_addr1 <= r_addr1;
      m1_way   <= r_way;
    end
    if (w_start) begin
      w_client <= w_pick;
      w_key    <= key;
      if (w_pick) wait1 <= 1'b0;
      else wait0 <= 1'b0;
    end
    if (w_done) begin
      closing  <= 1'b1;
      inserted <= w_parity;
    end
    if (ins_valid && ins_ready) inserted <= 1'b1;
    if (inject) closing <= 1'b0;
    if (flush || rst) begin
      wait0   <= 1'b0;
      wait1   <= 1'b0;
      closing <= 1'b0;
    end
    if (rst) w_client <= 1'b0;
  end

  spd_walk #(
      .IDX_W(IDX_W),
      .HALVES(HALVES)
  ) u_walk (
      .clk     (clk),
      .rst     (rst),
      .start   (w_start),
      .abort   (flush),
      .pause   (pause),
      .top     (top),
      .k_key   (w_key),
      .k_dir   (w_client),
      .rd      (rd),
      .raddr   (raddr),
      .rdata   (rdata),
      .rbad    (rbad),
      .busy    (w_busy),
      .done    (w_done),
      .d_none  (w_none),
      .d_parity(w_parity),
      .d_idx   (w_idx)
  );

  // ------------------------------------------------------------------- table
  logic              a_rd;
  logic [IDX_W-1:0]  a_idx;
  logic [50:0]       a_data;

  spd_table #(
      .ENTRIES(ENTRIES),
      .IDX_W(IDX_W),
      .HALVES(HALVES),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_table (
      .clk       (clk),
      .rst       (rst),
      .init_done (init_done),
      .tbl_valid (tbl_valid),
      .tbl_op    (tbl_op),
      .tbl_table (tbl_table),
      .tbl_index (tbl_index),
      .tbl_wdata (tbl_wdata),
      .tbl_ack   (tbl_ack),
      .tbl_res   (tbl_res),
      .tbl_rdata (tbl_rdata),
      .flush     (flush),
      .hold      (hold),
      .pause     (pause),
      .cache_busy(cache_busy),
      .top       (top),
      .walking   (w_busy),
      .rd        (rd),
      .raddr     (raddr),
      .rdata     (rdata),
      .rbad      (rbad),
      .a_rd      (a_rd),
      .a_idx     (a_idx),
      .a_data    (a_data)
  );

  // ------------------------------------------- answer: read what it decides
  logic             a1_valid, a1_client, a1_none, a1_parity;
  logic             a2_valid, a2_client, a2_none, a2_parity;
  logic             a3_valid, a3_client;
  logic [IDX_W-1:0] a1_idx, a2_idx;
  logic             a2_bad;

  assign a_rd   = (r_valid && r_hit) || answer;
  assign a_idx  = answer ? w_idx : r_idx;
  assign a2_bad = !a2_none && (a2_parity || (^a_data));

  always_ff @(posedge clk) begin
    a1_valid <= a_rd && !flush && !rst;
    a2_valid <= a1_valid && !flush && !rst;
    a3_valid <= a2_valid && !flush && !rst;
    if (a_rd) begin
      a1_client <= answer ? w_client : r_client;
      a1_none   <= answer ? w_none : r_none;
      a1_parity <= answer && w_parity;
      a1_idx    <= a_idx;
    end
    if (a1_valid) begin
      a2_client <= a1_client;
      a2_none   <= a1_none;
      a2_parity <= a1_parity;
      a2_idx    <= a1_idx;
    end
    if (a2_valid) begin
      a3_client  <= a2_client;
      put.match  <= !a2_none;
      put.parity <= a2_bad;
      put.action <= (a2_none || a2_bad) ? espalier_pkg::ACT_DISCARD : a_data[49:48];
      put.index  <= a2_none ? 16'd0 : 16'(a2_idx);
      put.handle <= (a2_none || a2_bad) ? 32'd0 : a_data[47:16];
      put.reqid  <= (a2_none || a2_bad) ? 16'd0 : a_data[15:0];
    end
  end

  assign o_put = a3_valid && !a3_client;
  assign i_put = a3_valid && a3_client;

  // ------------------------------------------------------- events and counts
  logic        told;
  logic [15:0] walked;   // cycles of the walk under way

  always_ff @(posedge clk) begin
    ev_valid <= 1'b0;
    if (a2_valid && a2_bad && !told && !flush) begin
      ev_valid <= 1'b1;
      ev.etype <= espalier_pkg::EV_PARITY;
      ev.handle <= 32'(a2_idx);
      ev.info  <= {28'd0, espalier_pkg::TBL_SPD};
      told     <= 1'b1;
    end
    if (flush) told <= 1'b0;
    if (r_valid && r_hit && !flush) hits <= hits + 32'd1;
    if (r_valid && !r_hit && !flush) misses <= misses + 32'd1;
    walked <= w_start ? 16'd1 : (walked == '1) ? walked : walked + 16'd1;
    if (inject && walked > miss_cycles) miss_cycles <= walked;
    if (rst) begin
      ev_valid    <= 1'b0;
      told        <= 1'b0;
      hits        <= 32'd0;
      misses      <= 32'd0;
      miss_cycles <= 16'd0;
    end
  end
endmodule
