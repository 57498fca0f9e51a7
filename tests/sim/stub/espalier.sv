// SPDX-License-Identifier: Apache-2.0
//
// A small block with the ports of `espalier`, so that the simulation library
// is tested for itself: capability registers, a wire that is looped back, a
// memory copy engine, interrupts that software raises.
//
// 0x200 COPY_SRC_LO, 0x204 COPY_SRC_HI, 0x208 COPY_DST_LO, 0x20c COPY_DST_HI,
// 0x210 COPY_GO: beats of each burst in 8:0, bursts in 15:9, last strobes in
// 31:16; reads as { read errors 15:8, write errors 23:16, busy 0 }.
// 0x220 IRQ: level of the interrupt lines. 0x224 IDLE_BLOCK: 1 keeps `idle` low.
module espalier #(
    parameter int NUM_QUEUES  = 4,
    parameter int SA_ENTRIES  = 1024,
    parameter int SPD_ENTRIES = 256,
    parameter int WINDOW_MAX  = 1024
) (
    input  logic                clk,
    input  logic                rst,
    input  logic [14:0]         clk_room,
    output logic [14:0]         wake,
    input  logic                look,
    input  logic [15:0]         s_axil_awaddr,
    input  logic                s_axil_awvalid,
    output logic                s_axil_awready,
    input  logic [31:0]         s_axil_wdata,
    input  logic [3:0]          s_axil_wstrb,
    input  logic                s_axil_wvalid,
    output logic                s_axil_wready,
    output logic [1:0]          s_axil_bresp,
    output logic                s_axil_bvalid,
    input  logic                s_axil_bready,
    input  logic [15:0]         s_axil_araddr,
    input  logic                s_axil_arvalid,
    output logic                s_axil_arready,
    output logic [31:0]         s_axil_rdata,
    output logic [1:0]          s_axil_rresp,
    output logic                s_axil_rvalid,
    input  logic                s_axil_rready,
    output logic [3:0]          m_axi_awid,
    output logic [63:0]         m_axi_awaddr,
    output logic [7:0]          m_axi_awlen,
    output logic [2:0]          m_axi_awsize,
    output logic [1:0]          m_axi_awburst,
    output logic                m_axi_awvalid,
    input  logic                m_axi_awready,
    output logic [127:0]        m_axi_wdata,
    output logic [15:0]         m_axi_wstrb,
    output logic                m_axi_wlast,
    output logic                m_axi_wvalid,
    input  logic                m_axi_wready,
    input  logic [3:0]          m_axi_bid,
    input  logic [1:0]          m_axi_bresp,
    input  logic                m_axi_bvalid,
    output logic                m_axi_bready,
    output logic [3:0]          m_axi_arid,
    output logic [63:0]         m_axi_araddr,
    output logic [7:0]          m_axi_arlen,
    output logic [2:0]          m_axi_arsize,
    output logic [1:0]          m_axi_arburst,
    output logic                m_axi_arvalid,
    input  logic                m_axi_arready,
    input  logic [3:0]          m_axi_rid,
    input  logic [127:0]        m_axi_rdata,
    input  logic [1:0]          m_axi_rresp,
    input  logic                m_axi_rlast,
    input  logic                m_axi_rvalid,
    output logic                m_axi_rready,
    output logic                m_axis_wire_tvalid,
    input  logic                m_axis_wire_tready,
    output logic [127:0]        m_axis_wire_tdata,
    output logic [15:0]         m_axis_wire_tkeep,
    output logic                m_axis_wire_tlast,
    input  logic                s_axis_wire_tvalid,
    output logic                s_axis_wire_tready,
    input  logic [127:0]        s_axis_wire_tdata,
    input  logic [15:0]         s_axis_wire_tkeep,
    input  logic                s_axis_wire_tlast,
    input  logic                s_axis_wire_tuser,
    output logic [NUM_QUEUES:0] irq,
    output logic                idle
);
  // ------------------------------------------------------------- registers
  logic [31:0] scratch, src_lo, src_hi, dst_lo, dst_hi;
  logic [7:0]  rerr, werr, mac_errors;
  logic        idle_block, busy, go;
  logic [8:0]  beats;
  logic [6:0]  bursts;
  logic [15:0] last_strb;

  logic unused_clk_room;
  assign unused_clk_room = &{1'b0, clk_room, look};
  assign wake = '1;

  assign s_axil_bresp   = 2'b00;
  assign s_axil_rresp   = 2'b00;
  assign s_axil_awready = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_wready  = s_axil_awready;
  assign s_axil_arready = !s_axil_rvalid;

  always_ff @(posedge clk) begin
    go <= 1'b0;
    if (s_axil_bvalid && s_axil_bready) s_axil_bvalid <= 1'b0;
    if (s_axil_awready && (s_axil_wstrb == 4'hf)) begin
      s_axil_bvalid <= 1'b1;
      case (s_axil_awaddr)
        16'h003c: scratch <= s_axil_wdata;
        16'h0200: src_lo <= s_axil_wdata;
        16'h0204: src_hi <= s_axil_wdata;
        16'h0208: dst_lo <= s_axil_wdata;
        16'h020c: dst_hi <= s_axil_wdata;
        16'h0210: begin
          beats     <= s_axil_wdata[8:0];
          bursts    <= s_axil_wdata[15:9];
          last_strb <= s_axil_wdata[31:16];
          go        <= 1'b1;
        end
        16'h0220: irq <= s_axil_wdata[NUM_QUEUES:0];
        16'h0224: idle_block <= s_axil_wdata[0];
        default: ;
      endcase
    end
    if (rst) begin
      s_axil_bvalid <= 1'b0;
      scratch       <= '0;
      irq           <= '0;
      idle_block    <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    if (s_axil_rvalid && s_axil_rready) s_axil_rvalid <= 1'b0;
    if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rvalid <= 1'b1;
      case (s_axil_araddr)
        16'h0000: s_axil_rdata <= 32'h45535031;
        16'h0010: s_axil_rdata <= {16'(WINDOW_MAX), 16'(SA_ENTRIES)};
        16'h0014: s_axil_rdata <= {16'd2048, 16'(SPD_ENTRIES)};
        16'h0018: s_axil_rdata <= {16'd9216, 8'd12, 8'(NUM_QUEUES)};
        16'h003c: s_axil_rdata <= scratch;
        16'h0210: s_axil_rdata <= {8'd0, werr, rerr, 7'd0, busy};
        16'h0220: s_axil_rdata <= 32'(irq);
        16'h0228: s_axil_rdata <= 32'(mac_errors);
        default:  s_axil_rdata <= '0;
      endcase
    end
    if (rst) s_axil_rvalid <= 1'b0;
  end

  // ------------------------------------------------------------------ copy
  // Reads run ahead of writes through a FIFO; every burst has its own ID.
  localparam int FA = 10;
  logic [127:0] cmem[1 << FA];
  logic [FA:0] cw, cr;
  logic [6:0] ar_left, aw_left, w_left, b_left;
  logic [63:0] araddr, awaddr;
  logic [3:0] arid, awid;
  logic [8:0] w_beat;
  wire [12:0] step = {beats, 4'd0};
  // reads may be requested only as far as the FIFO has room
  logic [FA:0] reserved;

  assign busy = go || (b_left != 0);
  assign m_axi_arvalid = (ar_left != 0) && (int'(reserved) + int'(beats) <= (1 << FA));
  assign m_axi_araddr = araddr;
  assign m_axi_arid = arid;
  assign m_axi_arlen = 8'(beats - 1'b1);
  assign m_axi_arsize = 3'd4;
  assign m_axi_arburst = 2'd1;
  assign m_axi_rready = 1'b1;
  assign m_axi_awvalid = (aw_left != 0);
  assign m_axi_awaddr = awaddr;
  assign m_axi_awid = awid;
  assign m_axi_awlen = 8'(beats - 1'b1);
  assign m_axi_awsize = 3'd4;
  assign m_axi_awburst = 2'd1;
  assign m_axi_wvalid = (w_left != 0) && (cw != cr);
  assign m_axi_wdata = cmem[cr[FA-1:0]];
  assign m_axi_wlast = (w_beat + 1'b1 == beats);
  assign m_axi_wstrb = (m_axi_wlast && (w_left == 1)) ? last_strb : 16'hffff;
  assign m_axi_bready = 1'b1;

  always_ff @(posedge clk) begin
    if (go) begin
      ar_left <= bursts;
      aw_left <= bursts;
      w_left  <= bursts;
      b_left  <= bursts;
      araddr  <= {src_hi, src_lo};
      awaddr  <= {dst_hi, dst_lo};
      w_beat  <= '0;
      rerr    <= '0;
      werr    <= '0;
    end
    if (m_axi_arvalid && m_axi_arready) begin
      ar_left <= ar_left - 1'b1;
      araddr  <= araddr + 64'(step);
    end
    reserved <= reserved + ((m_axi_arvalid && m_axi_arready) ? (FA + 1)'(beats) : '0)
                - (FA + 1)'(m_axi_wvalid && m_axi_wready);
    if (m_axi_rvalid) begin
      cmem[cw[FA-1:0]] <= m_axi_rdata;
      cw <= cw + 1'b1;
      if (m_axi_rresp != 0) rerr <= rerr + 1'b1;
    end
    if (m_axi_awvalid && m_axi_awready) begin
      aw_left <= aw_left - 1'b1;
      awaddr  <= awaddr + 64'(step);
      awid    <= awid + 1'b1;
    end
    if (m_axi_wvalid && m_axi_wready) begin
      cr <= cr + 1'b1;
      w_beat <= m_axi_wlast ? '0 : w_beat + 1'b1;
      if (m_axi_wlast) w_left <= w_left - 1'b1;
    end
    if (m_axi_bvalid) begin
      b_left <= b_left - 1'b1;
      if (m_axi_bresp != 0) werr <= werr + 1'b1;
    end
    if (rst) begin
      {ar_left, aw_left, w_left, b_left} <= '0;
      {cw, cr, reserved} <= '0;
      arid <= 4'd0;  // one ID: the copy needs its reads in order
      awid <= 4'd0;
      {rerr, werr} <= '0;
    end
  end

  // ------------------------------------------------------------- wire loop
  logic [127:0] l_data;
  logic [15:0]  l_keep;
  logic         l_last, l_valid, l_ready;

  fifo_sync #(
      .WIDTH(145),
      .DEPTH(64)
  ) u_loop (
      .clk    (clk),
      .rst    (rst),
      .s_valid(s_axis_wire_tvalid),
      .s_ready(s_axis_wire_tready),
      .s_data ({s_axis_wire_tlast, s_axis_wire_tkeep, s_axis_wire_tdata}),
      .m_valid(l_valid),
      .m_ready(l_ready),
      .m_data ({l_last, l_keep, l_data}),
      .count  ()
  );

  always_ff @(posedge clk) begin
    if (s_axis_wire_tvalid && s_axis_wire_tready && s_axis_wire_tlast && s_axis_wire_tuser)
      mac_errors <= mac_errors + 1'b1;
    if (rst) mac_errors <= '0;
  end

  assign m_axis_wire_tvalid = l_valid;
  assign m_axis_wire_tdata  = l_data;
  assign m_axis_wire_tkeep  = l_keep;
  assign m_axis_wire_tlast  = l_last;
  assign l_ready            = m_axis_wire_tready;

  assign idle = !idle_block && !busy && !l_valid;
endmodule
