// SPDX-License-Identifier: Apache-2.0
//
// ecp5_block: the block with its pins folded, to place and route it alone.
//
// Inputs come from a shift register on one pin, outputs are registered and
// folded by XOR into one pin, so that nothing is optimised away and every path
// of the block lies between registers. Costs about 1,100 flip-flops.
module ecp5_block #(
    parameter int NUM_QUEUES = 4,
    parameter int SA_ENTRIES = 256,
    parameter int SPD_ENTRIES = 64,
    parameter int SPD_CACHE_SETS = 512,
    parameter int WINDOW_MAX = 1024,
    parameter int BUF_BEATS = 1024,
    parameter int GCM_ENGINES = 1
) (
    input  logic clk,
    input  logic rst,
    input  logic din,
    output logic dout
);
  localparam int NI = 367;
  localparam int NO = 502 + NUM_QUEUES;
  logic [NI-1:0] in;
  logic [NO-1:0] out, out_q;
  logic [(NO+15)/16-1:0] fold;

  always_ff @(posedge clk) begin
    in    <= {in[NI-2:0], din};
    out_q <= out;
    for (int i = 0; i < (NO + 15) / 16; i++) fold[i] <= ^(out_q >> (16 * i) & NO'(16'hffff));
    dout <= ^fold;
  end

  espalier #(
      .NUM_QUEUES    (NUM_QUEUES),
      .SA_ENTRIES    (SA_ENTRIES),
      .SPD_ENTRIES   (SPD_ENTRIES),
      .SPD_CACHE_SETS(SPD_CACHE_SETS),
      .WINDOW_MAX    (WINDOW_MAX),
      .BUF_BEATS     (BUF_BEATS),
      .GCM_ENGINES   (GCM_ENGINES),
      .SBOX          (1),
      .GMUL          (1)
  ) u_espalier (
      .clk(clk),
      .rst(rst),
      .s_axil_awvalid(in[0]),
      .s_axil_awaddr(in[16:1]),
      .s_axil_wvalid(in[17]),
      .s_axil_wdata(in[49:18]),
      .s_axil_wstrb(in[53:50]),
      .s_axil_bready(in[54]),
      .s_axil_arvalid(in[55]),
      .s_axil_araddr(in[71:56]),
      .s_axil_rready(in[72]),
      .m_axi_awready(in[73]),
      .m_axi_wready(in[74]),
      .m_axi_bvalid(in[75]),
      .m_axi_bid(in[79:76]),
      .m_axi_bresp(in[81:80]),
      .m_axi_arready(in[82]),
      .m_axi_rvalid(in[83]),
      .m_axi_rid(in[87:84]),
      .m_axi_rdata(in[215:88]),
      .m_axi_rresp(in[217:216]),
      .m_axi_rlast(in[218]),
      .m_axis_wire_tready(in[219]),
      .s_axis_wire_tvalid(in[220]),
      .s_axis_wire_tdata(in[348:221]),
      .s_axis_wire_tkeep(in[364:349]),
      .s_axis_wire_tlast(in[365]),
      .s_axis_wire_tuser(in[366]),
      .s_axil_awready(out[0]),
      .s_axil_wready(out[1]),
      .s_axil_bvalid(out[2]),
      .s_axil_bresp(out[4:3]),
      .s_axil_arready(out[5]),
      .s_axil_rvalid(out[6]),
      .s_axil_rdata(out[38:7]),
      .s_axil_rresp(out[40:39]),
      .m_axi_awvalid(out[41]),
      .m_axi_awid(out[45:42]),
      .m_axi_awaddr(out[109:46]),
      .m_axi_awlen(out[117:110]),
      .m_axi_awsize(out[120:118]),
      .m_axi_awburst(out[122:121]),
      .m_axi_wvalid(out[123]),
      .m_axi_wdata(out[251:124]),
      .m_axi_wstrb(out[267:252]),
      .m_axi_wlast(out[268]),
      .m_axi_bready(out[269]),
      .m_axi_arvalid(out[270]),
      .m_axi_arid(out[274:271]),
      .m_axi_araddr(out[338:275]),
      .m_axi_arlen(out[346:339]),
      .m_axi_arsize(out[349:347]),
      .m_axi_arburst(out[351:350]),
      .m_axi_rready(out[352]),
      .m_axis_wire_tvalid(out[353]),
      .m_axis_wire_tdata(out[481:354]),
      .m_axis_wire_tkeep(out[497:482]),
      .m_axis_wire_tlast(out[498]),
      .s_axis_wire_tready(out[499]),
      .irq(out[500 +: NUM_QUEUES + 1]),
      .idle(out[500+NUM_QUEUES+1])
  );
endmodule
