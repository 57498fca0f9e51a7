// SPDX-License-Identifier: Apache-2.0
//
// counters: packets and bytes, 64 bits each, of every way a packet can end.
//
// PORTS sources of records. One record a cycle is taken, ports in turn, those
// with a backlog first. Three stages: choose, read, add and write back; a sum is
// kept for the record behind it, which may have the same code.
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
  localparam int PW = (PORTS > 1) ? $clog2(PORTS) : 1;
  logic any, any_urgent, clearing;
  logic [PW-1:0] last, pick, pick_any, pick_urgent;
  logic [6:0] walk;
  logic [8:0] waited;
  logic rd_go, rd_under_way;

  rr_pick #(.N(PORTS)) u_any (.req(valid), .last(last), .any(any), .pick(pick_any));
  rr_pick #(.N(PORTS)) u_urgent (
      .req(urgent), .last(last), .any(any_urgent), .pick(pick_urgent));
  assign pick     = any_urgent ? pick_urgent : pick_any;
  assign clearing = !walk[6];
  assign ready    = !clearing;
  assign rd_go    = rd_valid && !rd_under_way && !rd_done && !clearing && (!any || waited[8]);
  always_comb begin
    take = '0;
    if (any && !clearing && !rd_go) take[pick] = 1'b1;
  end

  logic a_valid, a_read;
  logic [5:0] a_code;
  logic [7:0] a_packets;
  logic [21:0] a_bytes;
  always_ff @(posedge clk) begin
    a_valid <= rd_go || (any && !clearing);
    if (clearing) walk <= walk + 7'd1;
    if (rd_go) begin
      a_read    <= 1'b1;
      a_code    <= rd_code;
      a_packets <= 8'd0;
      a_bytes   <= 22'd0;
    end else if (any) begin
      a_read <= 1'b0;
      last   <= pick;
      for (int p = 0; p < PORTS; p++)
        if (pick == PW'(p)) {a_code, a_packets, a_bytes} <= rec[36*p+:36];
    end
    waited <= (rd_valid && !rd_under_way) ? waited + {8'd0, !waited[8]} : 9'd0;
    rd_under_way <= (rd_under_way || rd_go) && !rd_done;
    if (rst) begin
      a_valid      <= 1'b0;
      walk         <= 7'd0;
      last         <= '0;
      waited       <= 9'd0;
      rd_under_way <= 1'b0;
    end
  end

  // -------------------------------------------------------- read, add, write
  logic b_valid, b_read;
  logic [5:0] b_code;
  logic [7:0] b_packets;
  logic [21:0] b_bytes;
  logic [63:0] b_packets_old, b_bytes_old, packets_new, bytes_new, packets_ram, bytes_ram;
  logic same;
  logic [127:0] sum_q;

  ram_1r1w #(.WIDTH(128), .DEPTH(64), .OUTREG(0)) u_mem (
      .clk(clk),
      .we(clearing || b_valid), .waddr(clearing ? walk[5:0] : b_code),
      .wdata(clearing ? 128'd0 : {packets_new, bytes_new}),
      .re(a_valid), .raddr(a_code), .rdata({packets_ram, bytes_ram}));

  assign packets_new = b_packets_old + {56'd0, b_packets};
  assign bytes_new   = b_bytes_old + {42'd0, b_bytes};
  assign {b_packets_old, b_bytes_old} = same ? sum_q : {packets_ram, bytes_ram};

  always_ff @(posedge clk) begin
    b_valid <= a_valid;
    rd_done <= b_valid && b_read;
    if (a_valid) begin
      b_read        <= a_read;
      b_code        <= a_code;
      b_packets     <= a_packets;
      b_bytes       <= a_bytes;
      same          <= b_valid && (b_code == a_code);
      sum_q         <= {packets_new, bytes_new};
    end
    if (b_valid && b_read) begin
      rd_packets <= b_packets_old;
      rd_bytes   <= b_bytes_old;
    end
    if (rst) begin
      b_valid <= 1'b0;
      rd_done <= 1'b0;
    end
  end

  assign idle = !any && !a_valid && !b_valid && !clearing;
endmodule
