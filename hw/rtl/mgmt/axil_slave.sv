// SPDX-License-Identifier: Apache-2.0
//
// axil_slave: AXI4-Lite to the register bus inside.
//
// Address and data of a write may come in any order and any distance. One
// access at a time goes inside, reads and writes in turn when both wait.
// Register bus: reg_valid and what belongs to it are held until reg_ack, a
// pulse with data and response. Under reset nothing is taken.
module axil_slave (
    input logic clk,
    input logic rst,

    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [15:0] s_axil_awaddr,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    output logic [ 1:0] s_axil_bresp,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    input  logic [15:0] s_axil_araddr,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,

    output logic        reg_valid,
    output logic        reg_write,
    output logic [15:0] reg_addr,
    output logic [31:0] reg_wdata,
    output logic [ 3:0] reg_wstrb,
    input  logic        reg_ack,
    input  logic [31:0] reg_rdata,
    input  logic [ 1:0] reg_resp
);
  logic aw_held, w_held, ar_held;
  logic [15:0] aw_addr, ar_addr;
  logic can_write, can_read, write_next, up;

  assign s_axil_awready = up && !aw_held;
  assign s_axil_wready  = up && !w_held;
  assign s_axil_arready = up && !ar_held;
  assign can_write = aw_held && w_held && !s_axil_bvalid;
  assign can_read  = ar_held && !s_axil_rvalid;

  always_ff @(posedge clk) begin
    up <= !rst;
    if (s_axil_awvalid && s_axil_awready) begin
      aw_held <= 1'b1;
      aw_addr <= s_axil_awaddr;
    end
    if (s_axil_wvalid && s_axil_wready) begin
      w_held    <= 1'b1;
      reg_wdata <= s_axil_wdata;
      reg_wstrb <= s_axil_wstrb;
    end
    if (s_axil_arvalid && s_axil_arready) begin
      ar_held <= 1'b1;
      ar_addr <= s_axil_araddr;
    end
    if (s_axil_bready) s_axil_bvalid <= 1'b0;
    if (s_axil_rready) s_axil_rvalid <= 1'b0;
    if (!reg_valid) begin
      if (can_write && (write_next || !can_read)) begin
        reg_valid  <= 1'b1;
        reg_write  <= 1'b1;
        reg_addr   <= {aw_addr[15:2], 2'b00};
        write_next <= 1'b0;
      end else if (can_read) begin
        reg_valid  <= 1'b1;
        reg_write  <= 1'b0;
        reg_addr   <= {ar_addr[15:2], 2'b00};
        write_next <= 1'b1;
      end
    end else if (reg_ack) begin
      reg_valid <= 1'b0;
      if (reg_write) begin
        aw_held       <= 1'b0;
        w_held        <= 1'b0;
        s_axil_bvalid <= 1'b1;
        s_axil_bresp  <= reg_resp;
      end else begin
        ar_held       <= 1'b0;
        s_axil_rvalid <= 1'b1;
        s_axil_rdata  <= reg_rdata;
        s_axil_rresp  <= reg_resp;
      end
    end
    if (rst) begin
      aw_held       <= 1'b0;
      w_held        <= 1'b0;
      ar_held       <= 1'b0;
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
      reg_valid     <= 1'b0;
      write_next    <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, aw_addr[1:0], ar_addr[1:0]};
endmodule
