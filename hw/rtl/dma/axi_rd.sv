// SPDX-License-Identifier: Apache-2.0
//
// axi_rd: the AXI4 read channels, shared by payload (ID 0), transmit
// descriptors (ID 1) and receive descriptors (ID 2).
//
// A client asks for a burst only when it has room for all of its beats:
// RREADY is always 1 and what comes in is handed on under its ID, registered,
// without handshake. Each ID is answered in order; IDs may interleave.
// Latency: 1 cycle on AR, 1 on R. Throughput: a request and a beat per cycle.
// Descriptors go first: they are few and everything waits for them.
module axi_rd (
    input logic clk,
    input logic rst,

    input  logic        p_valid,
    output logic        p_ready,
    input  logic [63:0] p_addr,
    input  logic [ 7:0] p_len,    // beats - 1
    input  logic        t_valid,
    output logic        t_ready,
    input  logic [63:0] t_addr,
    input  logic [ 7:0] t_len,
    input  logic        r_valid,
    output logic        r_ready,
    input  logic [63:0] r_addr,
    input  logic [ 7:0] r_len,

    output logic         beat_p,    // a beat for the payload client
    output logic         beat_t,
    output logic         beat_r,
    output logic [127:0] beat_data,
    output logic         beat_err,

    output logic         m_axi_arvalid,
    input  logic         m_axi_arready,
    output logic [  3:0] m_axi_arid,
    output logic [ 63:0] m_axi_araddr,
    output logic [  7:0] m_axi_arlen,
    input  logic         m_axi_rvalid,
    output logic         m_axi_rready,
    input  logic [  3:0] m_axi_rid,
    input  logic [127:0] m_axi_rdata,
    input  logic [  1:0] m_axi_rresp
);
  logic free;
  logic turn_r;  // of two descriptor clients that ask at once, receive is next

  assign free    = !m_axi_arvalid || m_axi_arready;
  assign t_ready = free && !(r_valid && turn_r);
  assign r_ready = free && !(t_valid && !turn_r);
  assign p_ready = free && !t_valid && !r_valid;
  assign m_axi_rready = 1'b1;

  always_ff @(posedge clk) begin
    if (free) begin
      m_axi_arvalid <= p_valid || t_valid || r_valid;
      if (t_valid && t_ready) begin
        m_axi_arid   <= 4'd1;
        m_axi_araddr <= t_addr;
        m_axi_arlen  <= t_len;
        turn_r       <= 1'b1;
      end else if (r_valid && r_ready) begin
        m_axi_arid   <= 4'd2;
        m_axi_araddr <= r_addr;
        m_axi_arlen  <= r_len;
        turn_r       <= 1'b0;
      end else if (p_valid) begin
        m_axi_arid   <= 4'd0;
        m_axi_araddr <= p_addr;
        m_axi_arlen  <= p_len;
      end
    end
    beat_p <= m_axi_rvalid && (m_axi_rid[1:0] == 2'd0);
    beat_t <= m_axi_rvalid && (m_axi_rid[1:0] == 2'd1);
    beat_r <= m_axi_rvalid && (m_axi_rid[1:0] == 2'd2);
    if (m_axi_rvalid) begin
      beat_data <= m_axi_rdata;
      beat_err  <= m_axi_rresp[1];
    end
    if (rst) begin
      m_axi_arvalid <= 1'b0;
      turn_r        <= 1'b0;
      beat_p        <= 1'b0;
      beat_t        <= 1'b0;
      beat_r        <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, m_axi_rid[3:2], m_axi_rresp[0]};
endmodule
