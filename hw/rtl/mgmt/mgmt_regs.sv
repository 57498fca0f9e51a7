// SPDX-License-Identifier: Apache-2.0
//
// mgmt_regs: the registers of the device as a whole (below 0x1000), and the
// choice between them and those of the queue pairs.
//
// Access: 3 cycles from reg_valid to reg_ack; what a register does when it is
// written happens in the second.
module mgmt_regs #(
    parameter int NUM_QUEUES = 4,
    parameter int SA_ENTRIES = 1024,
    parameter int SPD_ENTRIES = 256,
    parameter int SPD_CACHE_SETS = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int GCM_ENGINES = 2,
    parameter int GCM_CYCLES = 1,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int FRAME_MAX = 9216,
    parameter int TEST_HOOKS = 0
) (
    input logic clk,
    input logic clk_free,  // never stands still: the cycle counter
    input logic rst,

    input  logic        reg_valid,
    input  logic        reg_write,
    input  logic [15:0] reg_addr,
    input  logic [31:0] reg_wdata,
    input  logic [ 3:0] reg_wstrb,
    output logic        reg_ack,
    output logic [31:0] reg_rdata,
    output logic [ 1:0] reg_resp,

    // queue pairs; the other signals of the bus are shared
    output logic        q_valid,
    input  logic        q_ack,
    input  logic [31:0] q_rdata,
    input  logic [ 1:0] q_resp,

    output logic        cfg_enable,
    output logic        cfg_out_nonip_bypass,
    output logic        cfg_in_nonip_bypass,
    output logic        cfg_out_arp_bypass,
    output logic        cfg_in_arp_bypass,
    output logic        cfg_promisc,
    output logic [47:0] cfg_mac,
    output logic [ 7:0] cfg_queue_mask,

    input  logic                    idle,
    input  logic                    init_done,
    input  logic [15:0]             spd_miss_cycles,
    input  logic [31:0]             spd_hits,
    input  logic [31:0]             spd_misses,
    input  logic [15:0]             install_cycles,

    input  logic                    ev_valid,
    input  espalier_pkg::event_t    ev,
    output logic                    ev_pop,
    input  logic [ 7:0]             ev_count,
    input  logic [15:0]             ev_lost,
    output logic                    ev_clear_lost,
    input  logic                    ev_came,
    input  logic                    ev_lost_now,
    output logic                    irq,

    output logic        tbl_start,
    output logic [ 3:0] tbl_op,
    output logic [ 3:0] tbl_table,
    output logic [15:0] tbl_index,
    input  logic        tbl_busy,
    input  logic [ 3:0] tbl_result,
    output logic        stage_we,
    output logic        stage_rd,
    input  logic [31:0] stage_q
);
  localparam logic [7:0] RING_LOG2_MAX = 8'd12;
  localparam logic [31:0] CAPS = {25'd0, 1'b1, 1'b1, 1'b1, 1'b1, 1'b1, TEST_HOOKS != 0, 1'b0};
  localparam logic [31:0] CAPS_ALG = 32'h0000_0307;
  localparam logic [31:0] CAPS_SA = {16'(WINDOW_MAX), 16'(SA_ENTRIES)};
  localparam logic [31:0] CAPS_SPD = {16'(2 * SPD_CACHE_SETS), 16'(SPD_ENTRIES)};
  localparam logic [31:0] CAPS_QUEUE = {16'(FRAME_MAX), RING_LOG2_MAX, 8'(NUM_QUEUES)};
  localparam logic [31:0] CAPS_CORE = {8'(GCM_CYCLES), 4'(GMUL), 4'(SBOX), 8'(GCM_ENGINES), 8'd1};

  // ------------------------------------------------------------------ cycles
  logic [31:0] cycles_lo, cycles_hi, cycles_latched;
  logic carry;
  always_ff @(posedge clk_free) begin
    {carry, cycles_lo} <= {1'b0, cycles_lo} + 33'd1;
    if (carry) cycles_hi <= cycles_hi + 32'd1;
    if (rst) begin
      carry     <= 1'b0;
      cycles_lo <= 32'd0;
      cycles_hi <= 32'd0;
    end
  end

  // ------------------------------------------------------------------ access
  logic [31:0] ctrl, mac_lo, scratch, cmd;
  logic [15:0] mac_hi;
  logic [7:0] mask;
  logic [1:0] irq_status, irq_enable;
  logic [31:0] value, found, merged, lanes;
  logic known, writable, is_data, is_local, is_queue;
  // What was found when it was looked at: access, and for writes which register
  logic v_known, v_writable, v_data;
  logic w_ctrl, w_mac_lo, w_mac_hi, w_rss, w_scratch, w_lost, w_pop, w_enable, w_cmd, w_irq, r_cycles;
  logic [1:0] step;  // one-hot: look, then act

  assign is_queue = (reg_addr[15:12] == 4'd1);
  assign is_local = (reg_addr[15:12] == 4'd0);
  assign is_data  = (reg_addr[15:7] == espalier_regs_pkg::TBL_DATA[15:7]);
  assign q_valid  = reg_valid && is_queue && !reg_ack;
  assign lanes    = {{8{reg_wstrb[3]}}, {8{reg_wstrb[2]}}, {8{reg_wstrb[1]}}, {8{reg_wstrb[0]}}};

  always_comb begin
    known    = is_local;
    writable = 1'b0;
    value    = 32'd0;
    if (is_data) begin
      writable = !tbl_busy;
    end else
      case (reg_addr)
        espalier_regs_pkg::ID:        value = espalier_regs_pkg::ID_INIT;
        espalier_regs_pkg::VERSION:   value = espalier_regs_pkg::VERSION_INIT;
        espalier_regs_pkg::CAPS:      value = CAPS;
        espalier_regs_pkg::CAPS_ALG:  value = CAPS_ALG;
        espalier_regs_pkg::CAPS_SA:   value = CAPS_SA;
        espalier_regs_pkg::CAPS_SPD:  value = CAPS_SPD;
        espalier_regs_pkg::CAPS_QUEUE: value = CAPS_QUEUE;
        espalier_regs_pkg::CAPS_CORE: value = CAPS_CORE;
        espalier_regs_pkg::CTRL: begin
          value    = ctrl;
          writable = 1'b1;
        end
        espalier_regs_pkg::STATUS:    value = {30'd0, init_done, idle};
        espalier_regs_pkg::MAC_LO: begin
          value    = mac_lo;
          writable = 1'b1;
        end
        espalier_regs_pkg::MAC_HI: begin
          value    = {16'd0, mac_hi};
          writable = 1'b1;
        end
        espalier_regs_pkg::RSS: begin
          value    = {24'd0, mask};
          writable = 1'b1;
        end
        espalier_regs_pkg::CYCLES_LO: value = cycles_lo;
        espalier_regs_pkg::CYCLES_HI: value = cycles_latched;
        espalier_regs_pkg::SCRATCH: begin
          value    = scratch;
          writable = 1'b1;
        end
        espalier_regs_pkg::EVENT_STATUS: begin
          value    = {ev_lost, ev_count, 7'd0, ev_valid};
          writable = 1'b1;
        end
        espalier_regs_pkg::EVENT_TYPE:   value = ev_valid ? {24'd0, ev.etype} : 32'd0;
        espalier_regs_pkg::EVENT_HANDLE: value = ev_valid ? ev.handle : 32'd0;
        espalier_regs_pkg::EVENT_INFO:   value = ev_valid ? ev.info : 32'd0;
        espalier_regs_pkg::EVENT_POP:    writable = 1'b1;
        espalier_regs_pkg::IRQ_STATUS: begin
          value    = {30'd0, irq_status};
          writable = 1'b1;
        end
        espalier_regs_pkg::IRQ_ENABLE: begin
          value    = {30'd0, irq_enable};
          writable = 1'b1;
        end
        espalier_regs_pkg::TBL_CMD: begin
          value    = cmd;
          writable = !tbl_busy;
        end
        espalier_regs_pkg::TBL_STATUS:      value = {24'd0, tbl_result, 3'd0, tbl_busy};
        espalier_regs_pkg::SPD_MISS_CYCLES: value = {16'd0, spd_miss_cycles};
        espalier_regs_pkg::SPD_HITS:        value = spd_hits;
        espalier_regs_pkg::SPD_MISSES:      value = spd_misses;
        espalier_regs_pkg::INSTALL_CYCLES:  value = {16'd0, install_cycles};
        default:                            known = 1'b0;
      endcase
  end

  // The staging registers answer a cycle later than the others; of them no byte is
  // merged here.
  assign merged    = (found & ~lanes) | (reg_wdata & lanes);
  assign stage_rd  = step[0] && is_data;
  assign stage_we  = step[1] && v_data && reg_write && v_writable;
  assign tbl_op    = cmd[3:0];
  assign tbl_table = cmd[11:8];
  assign tbl_index = cmd[31:16];

  always_ff @(posedge clk) begin
    reg_ack       <= 1'b0;
    ev_pop        <= 1'b0;
    ev_clear_lost <= 1'b0;
    tbl_start     <= 1'b0;
    step          <= {step[0], reg_valid && !is_queue && !reg_ack && step == 2'b00};
    if (q_ack) begin
      reg_ack   <= 1'b1;
      reg_rdata <= q_rdata;
      reg_resp  <= q_resp;
    end
    if (step[0]) begin
      found      <= value;  // 0 where nothing is known
      v_known    <= known;
      v_writable <= writable;
      v_data     <= is_data;
      r_cycles   <= !reg_write && reg_addr == espalier_regs_pkg::CYCLES_LO;
      w_ctrl     <= reg_write && reg_addr == espalier_regs_pkg::CTRL;
      w_mac_lo   <= reg_write && reg_addr == espalier_regs_pkg::MAC_LO;
      w_mac_hi   <= reg_write && reg_addr == espalier_regs_pkg::MAC_HI;
      w_rss      <= reg_write && reg_addr == espalier_regs_pkg::RSS;
      w_scratch  <= reg_write && reg_addr == espalier_regs_pkg::SCRATCH;
      w_lost     <= reg_write && reg_addr == espalier_regs_pkg::EVENT_STATUS;
      w_pop      <= reg_write && reg_addr == espalier_regs_pkg::EVENT_POP;
      w_enable   <= reg_write && reg_addr == espalier_regs_pkg::IRQ_ENABLE;
      w_irq      <= reg_write && reg_addr == espalier_regs_pkg::IRQ_STATUS;
      w_cmd      <= reg_write && reg_addr == espalier_regs_pkg::TBL_CMD && writable;
    end
    if (step[1]) begin
      reg_ack   <= 1'b1;
      reg_rdata <= v_data ? stage_q : found;
      reg_resp  <= !v_known ? 2'd3 : (reg_write && !v_writable) ? 2'd2 : 2'd0;
      if (r_cycles) cycles_latched <= cycles_hi;
      if (w_ctrl) ctrl <= merged & espalier_regs_pkg::CTRL_WMASK;
      if (w_mac_lo) mac_lo <= merged;
      if (w_mac_hi) mac_hi <= merged[15:0];
      if (w_rss) mask <= merged[7:0];
      if (w_scratch) scratch <= merged;
      if (w_lost) ev_clear_lost <= 1'b1;
      if (w_pop) ev_pop <= reg_wdata[0] && reg_wstrb[0];
      if (w_enable) irq_enable <= merged[1:0];
      if (w_cmd) begin
        cmd       <= merged & espalier_regs_pkg::TBL_CMD_WMASK;
        tbl_start <= 1'b1;
      end
    end
    // W1C; what happens in the same cycle is not lost
    irq_status <= (irq_status & ~((step[1] && w_irq) ? (reg_wdata[1:0] & lanes[1:0]) : 2'b00)) |
                  {ev_lost_now, ev_came};
    irq <= (irq_status & irq_enable) != 2'b00;
    if (rst) begin
      reg_ack    <= 1'b0;
      step       <= 2'b00;
      tbl_start  <= 1'b0;
      ctrl       <= espalier_regs_pkg::CTRL_INIT;
      mac_lo     <= 32'd0;
      mac_hi     <= 16'd0;
      mask       <= 8'd0;
      scratch    <= 32'd0;
      cmd        <= 32'd0;
      irq_status <= 2'b00;
      irq_enable <= 2'b00;
      irq        <= 1'b0;
      cycles_latched <= 32'd0;
    end
  end

  assign cfg_enable           = ctrl[espalier_regs_pkg::CTRL_ENABLE_LSB];
  assign cfg_out_nonip_bypass = ctrl[espalier_regs_pkg::CTRL_OUT_NONIP_BYPASS_LSB];
  assign cfg_in_nonip_bypass  = ctrl[espalier_regs_pkg::CTRL_IN_NONIP_BYPASS_LSB];
  assign cfg_out_arp_bypass   = ctrl[espalier_regs_pkg::CTRL_OUT_ARP_BYPASS_LSB];
  assign cfg_in_arp_bypass    = ctrl[espalier_regs_pkg::CTRL_IN_ARP_BYPASS_LSB];
  assign cfg_promisc          = ctrl[espalier_regs_pkg::CTRL_PROMISC_LSB];
  assign cfg_mac              = {mac_hi, mac_lo};  // stream order, as in the registers
  assign cfg_queue_mask = mask;
endmodule
