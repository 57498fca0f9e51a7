// SPDX-License-Identifier: Apache-2.0
//
// axi_wr: the AXI4 write channels, shared by payload (ID 0), transmit
// completions (ID 1) and receive completions (ID 2).
//
// A client asks for a burst and then hands over exactly its beats on its own
// data port; the data of bursts goes out in the order in which their
// addresses were taken by the bus, without a bubble between bursts. WLAST is
// made here. Responses are handed on under their ID, registered.
// Latency: 1 cycle on AW and B, 4 on W. Throughput: a beat per cycle.
module axi_wr (
    input logic clk,
    input logic rst,

    input  logic         p_valid,
    output logic         p_ready,
    input  logic [ 63:0] p_addr,
    input  logic [  7:0] p_len,      // beats - 1
    input  logic         p_wvalid,
    output logic         p_wready,
    input  logic [127:0] p_wdata,
    input  logic [ 15:0] p_wstrb,
    input  logic         t_valid,
    output logic         t_ready,
    input  logic [ 63:0] t_addr,
    input  logic [  7:0] t_len,
    input  logic         t_wvalid,
    output logic         t_wready,
    input  logic [127:0] t_wdata,
    input  logic         r_valid,
    output logic         r_ready,
    input  logic [ 63:0] r_addr,
    input  logic [  7:0] r_len,
    input  logic         r_wvalid,
    output logic         r_wready,
    input  logic [127:0] r_wdata,

    output logic resp_p,  // a response for the payload client
    output logic resp_t,
    output logic resp_r,
    output logic resp_err,
    output logic busy,

    output logic         m_axi_awvalid,
    input  logic         m_axi_awready,
    output logic [  3:0] m_axi_awid,
    output logic [ 63:0] m_axi_awaddr,
    output logic [  7:0] m_axi_awlen,
    output logic         m_axi_wvalid,
    input  logic         m_axi_wready,
    output logic [127:0] m_axi_wdata,
    output logic [ 15:0] m_axi_wstrb,
    output logic         m_axi_wlast,
    input  logic         m_axi_bvalid,
    output logic         m_axi_bready,
    input  logic [  3:0] m_axi_bid,
    input  logic [  1:0] m_axi_bresp
);
  // -------------------------------------------------------------- addresses
  // An address goes out only if the order FIFO will have room for it.
  logic free, turn_r, ord_room;
  logic [4:0] ord_count;
  assign free    = (!m_axi_awvalid || m_axi_awready) && ord_room;
  assign t_ready = free && !(r_valid && turn_r);
  assign r_ready = free && !(t_valid && !turn_r);
  assign p_ready = free && !t_valid && !r_valid;

  always_ff @(posedge clk) begin
    ord_room <= (ord_count < 5'd13);
    if (m_axi_awready) m_axi_awvalid <= 1'b0;
    if (free) begin
      m_axi_awvalid <= p_valid || t_valid || r_valid;
      if (t_valid && t_ready) begin
        m_axi_awid   <= 4'd1;
        m_axi_awaddr <= t_addr;
        m_axi_awlen  <= t_len;
        turn_r       <= 1'b1;
      end else if (r_valid && r_ready) begin
        m_axi_awid   <= 4'd2;
        m_axi_awaddr <= r_addr;
        m_axi_awlen  <= r_len;
        turn_r       <= 1'b0;
      end else if (p_valid) begin
        m_axi_awid   <= 4'd0;
        m_axi_awaddr <= p_addr;
        m_axi_awlen  <= p_len;
      end
    end
    if (rst) begin
      m_axi_awvalid <= 1'b0;
      turn_r        <= 1'b0;
      ord_room      <= 1'b0;
    end
  end

  // ------------------------------------------------------------------- data
  logic ord_valid, ord_pop, unused_ord_ready;
  logic [1:0] ord_id;
  logic [7:0] ord_len;
  fifo_sync #(
      .WIDTH(10),
      .DEPTH(16)
  ) u_order (
      .clk    (clk),
      .rst    (rst),
      .s_valid(m_axi_awvalid && m_axi_awready),
      .s_ready(unused_ord_ready),
      .s_data ({m_axi_awid[1:0], m_axi_awlen}),
      .m_valid(ord_valid),
      .m_ready(ord_pop),
      .m_data ({ord_id, ord_len}),
      .count  (ord_count)
  );

  // The burst whose data goes out: which client's (one-hot), beats behind this one;
  // and the one that comes next, worked out while this one goes.
  logic [2:0] turn, next_turn;
  logic [7:0] left, next_left;
  logic next_single, next_take;
  logic w_free, sel_valid, end_beat;
  assign w_free   = !m_axi_wvalid || m_axi_wready;
  assign p_wready = w_free && turn[0];
  assign t_wready = w_free && turn[1];
  assign r_wready = w_free && turn[2];
  assign sel_valid = w_free && ((p_wvalid && turn[0]) || (t_wvalid && turn[1]) || (r_wvalid && turn[2]));
  assign next_take = (turn == 3'd0) || (sel_valid && end_beat);
  assign ord_pop   = (next_turn == 3'd0) || next_take;

  always_ff @(posedge clk) begin
    if (w_free) m_axi_wvalid <= sel_valid;
    if (sel_valid) begin
      m_axi_wdata <= turn[0] ? p_wdata : turn[1] ? t_wdata : r_wdata;
      m_axi_wstrb <= turn[0] ? p_wstrb : 16'hffff;
      m_axi_wlast <= end_beat;
      left        <= left - 8'd1;
      end_beat    <= (left == 8'd1);
    end
    if (next_take) begin
      turn     <= next_turn;
      left     <= next_left;
      end_beat <= next_single;
    end
    if (ord_pop) begin
      next_turn   <= {ord_valid && ord_id[1], ord_valid && ord_id[0],
                      ord_valid && ord_id == 2'd0};
      next_left   <= ord_len;
      next_single <= (ord_len == 8'd0);
    end
    if (rst) begin
      m_axi_wvalid <= 1'b0;
      turn         <= 3'd0;
      next_turn    <= 3'd0;
    end
  end

  // -------------------------------------------------------------- responses
  assign m_axi_bready = 1'b1;
  assign busy = m_axi_awvalid || ord_valid || ({turn, next_turn} != 6'd0) || m_axi_wvalid;

  always_ff @(posedge clk) begin
    resp_p <= m_axi_bvalid && (m_axi_bid[1:0] == 2'd0);
    resp_t <= m_axi_bvalid && (m_axi_bid[1:0] == 2'd1);
    resp_r <= m_axi_bvalid && (m_axi_bid[1:0] == 2'd2);
    if (m_axi_bvalid) resp_err <= m_axi_bresp[1];
    if (rst) begin
      resp_p <= 1'b0;
      resp_t <= 1'b0;
      resp_r <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, m_axi_bid[3:2], m_axi_bresp[0], unused_ord_ready};
endmodule
