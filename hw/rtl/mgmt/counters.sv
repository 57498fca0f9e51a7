// SPDX-License-Identifier: Apache-2.0
//
// counters: packets and bytes, 64 bits each, of every way a packet can end.
//
// PORTS sources of records. One record a cycle is taken, ports in turn, those
// with a backlog first. Four stages: choose, take, read, add and write back; a
// sum is kept for the two records behind it, which may have the same code. A
// choice is a cycle old when it takes effect: one that finds its port empty is a
// cycle lost, and not where there is a backlog.
//
// A read waits until no port holds a record, but not longer than 256 cycles:
// in a quiet device it is exact. Cleared by a walk of 64 cycles after rst.
module counters #(
    parameter int PORTS = 6
) (
    input  logic                clk,
    input  logic                rst,
    input  logic [   PORTS-1:0] s_valid,
    input  logic [20*PORTS-1:0] s_stat,   // espalier_pkg::stat_t each
    input  logic                rd_valid, // held until rd_done
    input  logic [         5:0] rd_code,
    output logic                rd_done,
    output logic [        63:0] rd_packets,
    output logic [        63:0] rd_bytes,
    output logic                ready,
    output logic                idle
);
  logic [PORTS-1:0] valid, urgent, take;
  logic [36*PORTS-1:0] rec;

  generate
    for (genvar g = 0; g < PORTS; g++) begin : g_port
      stat_port u_port (
          .clk(clk), .rst(rst),
          .s_valid(s_valid[g]), .s_stat(s_stat[20*g+:20]),
          .m_valid(valid[g]), .urgent(urgent[g]), .m_ready(take[g]),
          .m_code(rec[36*g+30+:6]), .m_packets(rec[36*g+22+:8]), .m_bytes(rec[36*g+:22]));
    end
  endgenerate

  // ------------------------------------------------------------------ choose
  logic any, clearing;
  logic [PORTS-1:0] after, pick, pick_any, pick_urgent;  // after: ports above the one chosen last
  logic [6:0] walk;
  logic [8:0] waited;
  logic rd_go, rd_under_way, rd_wait;

  rr_grant #(.N(PORTS)) u_any (.req(valid & ~take), .after(after), .grant(pick_any));
  rr_grant #(.N(PORTS)) u_urgent (.req(urgent), .after(after), .grant(pick_urgent));
  assign pick     = (urgent != '0) ? pick_urgent : pick_any;
  assign any      = (valid != '0);
  assign clearing = !walk[6];
  assign ready    = !clearing;
  assign rd_wait  = rd_valid && !rd_under_way && !rd_done && !clearing;
  assign rd_go    = rd_wait && (!any || waited[8]) && (take == '0);
  always_ff @(posedge clk) begin
    take <= '0;
    if (any && !clearing && !(rd_wait && waited[8])) begin
      take <= pick;
      if (pick != '0) for (int p = 0; p < PORTS; p++) after[p] <= (pick & PORTS'((1 << p) - 1)) != '0;
    end
    if (rst) begin
      take  <= '0;
      after <= '0;
    end
  end

  logic a_valid, a_read;
  logic [5:0] a_code;
  logic [7:0] a_packets;
  logic [21:0] a_bytes;
  always_ff @(posedge clk) begin
    a_valid <= rd_go || ((take & valid) != '0);
    if (clearing) walk <= walk + 7'd1;
    if (rd_go) begin
      a_read    <= 1'b1;
      a_code    <= rd_code;
      a_packets <= 8'd0;
      a_bytes   <= 22'd0;
    end else begin
      a_read <= 1'b0;
      for (int p = 0; p < PORTS; p++)
        if (take[p]) {a_code, a_packets, a_bytes} <= rec[36*p+:36];
    end
    waited <= (rd_valid && !rd_under_way) ? waited + {8'd0, !waited[8]} : 9'd0;
    rd_under_way <= (rd_under_way || rd_go) && !rd_done;
    if (rst) begin
      a_valid      <= 1'b0;
      walk         <= 7'd0;
      waited       <= 9'd0;
      rd_under_way <= 1'b0;
    end
  end

  // -------------------------------------------------------- read, add, write
  logic b_valid, b_read, c_valid, c_read;
  logic [5:0] b_code, c_code;
  logic [7:0] b_packets, c_packets;
  logic [21:0] b_bytes, c_bytes;
  logic [63:0] packets_old, bytes_old;
  logic [127:0] ram_q, sum, sum_q;
  logic late;  // the RAM was read when the same code was being written

  ram_1r1w #(.WIDTH(128), .DEPTH(64), .OUTREG(0)) u_mem (
      .clk(clk),
      .we(clearing || c_valid), .waddr(clearing ? walk[5:0] : c_code), .wdata(sum),
      .re(a_valid), .raddr(a_code), .rdata(ram_q));

  // While the RAM is cleared all terms are zero.
  assign sum = {packets_old + {56'd0, c_packets}, bytes_old + {42'd0, c_bytes}};

  always_ff @(posedge clk) begin
    b_valid <= a_valid;
    c_valid <= b_valid;
    rd_done <= c_valid && c_read;
    if (a_valid) begin
      b_read    <= a_read;
      b_code    <= a_code;
      b_packets <= a_packets;
      b_bytes   <= a_bytes;
      late      <= c_valid && (c_code == a_code);
    end
    if (b_valid) begin
      c_read    <= b_read;
      c_code    <= b_code;
      c_packets <= b_packets;
      c_bytes   <= b_bytes;
      {packets_old, bytes_old} <= (c_valid && c_code == b_code) ? sum : late ? sum_q : ram_q;
    end
    if (c_valid) sum_q <= sum;
    if (c_valid && c_read) begin
      rd_packets <= packets_old;
      rd_bytes   <= bytes_old;
    end
    if (rst) begin
      b_valid     <= 1'b0;
      c_valid     <= 1'b0;
      rd_done     <= 1'b0;
      packets_old <= 64'd0;
      bytes_old   <= 64'd0;
      c_packets   <= 8'd0;
      c_bytes     <= 22'd0;
    end
  end

  assign idle = !any && !a_valid && !b_valid && !c_valid && !clearing;
endmodule
