// SPDX-License-Identifier: Apache-2.0
//
// Registers of Espalier: byte offsets, reset values and the bits that a write
// stores. Made from hw/regs/espalier.rdl by `make regs`; do not edit.
package espalier_regs_pkg;
  /* verilator lint_off UNUSEDPARAM */

  // Identification
  localparam logic [15:0] ID = 16'h0000;
  localparam logic [31:0] ID_INIT = 32'h45535031;
  localparam logic [31:0] ID_WMASK = 32'h00000000;
  localparam int ID_VALUE_LSB = 0;
  localparam int ID_VALUE_W = 32;

  // Version of the register map
  localparam logic [15:0] VERSION = 16'h0004;
  localparam logic [31:0] VERSION_INIT = 32'h00010000;
  localparam logic [31:0] VERSION_WMASK = 32'h00000000;
  localparam int VERSION_MINOR_LSB = 0;
  localparam int VERSION_MINOR_W = 16;
  localparam int VERSION_MAJOR_LSB = 16;
  localparam int VERSION_MAJOR_W = 16;

  // What was built
  localparam logic [15:0] CAPS = 16'h0008;
  localparam logic [31:0] CAPS_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_WMASK = 32'h00000000;
  localparam int CAPS_MGMT_CORE_LSB = 0;
  localparam int CAPS_MGMT_CORE_W = 1;
  localparam int CAPS_TEST_HOOKS_LSB = 1;
  localparam int CAPS_TEST_HOOKS_W = 1;
  localparam int CAPS_ESN_LSB = 2;
  localparam int CAPS_ESN_W = 1;
  localparam int CAPS_TUNNEL_LSB = 3;
  localparam int CAPS_TUNNEL_W = 1;
  localparam int CAPS_TRANSPORT_LSB = 4;
  localparam int CAPS_TRANSPORT_W = 1;
  localparam int CAPS_IPV4_LSB = 5;
  localparam int CAPS_IPV4_W = 1;
  localparam int CAPS_IPV6_LSB = 6;
  localparam int CAPS_IPV6_W = 1;

  // Algorithms
  localparam logic [15:0] CAPS_ALG = 16'h000c;
  localparam logic [31:0] CAPS_ALG_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_ALG_WMASK = 32'h00000000;
  localparam int CAPS_ALG_GCM16_LSB = 0;
  localparam int CAPS_ALG_GCM16_W = 1;
  localparam int CAPS_ALG_GCM12_LSB = 1;
  localparam int CAPS_ALG_GCM12_W = 1;
  localparam int CAPS_ALG_GCM8_LSB = 2;
  localparam int CAPS_ALG_GCM8_W = 1;
  localparam int CAPS_ALG_AES128_LSB = 8;
  localparam int CAPS_ALG_AES128_W = 1;
  localparam int CAPS_ALG_AES256_LSB = 9;
  localparam int CAPS_ALG_AES256_W = 1;

  // Security associations
  localparam logic [15:0] CAPS_SA = 16'h0010;
  localparam logic [31:0] CAPS_SA_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_SA_WMASK = 32'h00000000;
  localparam int CAPS_SA_ENTRIES_LSB = 0;
  localparam int CAPS_SA_ENTRIES_W = 16;
  localparam int CAPS_SA_WINDOW_MAX_LSB = 16;
  localparam int CAPS_SA_WINDOW_MAX_W = 16;

  // Policies
  localparam logic [15:0] CAPS_SPD = 16'h0014;
  localparam logic [31:0] CAPS_SPD_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_SPD_WMASK = 32'h00000000;
  localparam int CAPS_SPD_ENTRIES_LSB = 0;
  localparam int CAPS_SPD_ENTRIES_W = 16;
  localparam int CAPS_SPD_FLOWS_LSB = 16;
  localparam int CAPS_SPD_FLOWS_W = 16;

  // Queues
  localparam logic [15:0] CAPS_QUEUE = 16'h0018;
  localparam logic [31:0] CAPS_QUEUE_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_QUEUE_WMASK = 32'h00000000;
  localparam int CAPS_QUEUE_QUEUES_LSB = 0;
  localparam int CAPS_QUEUE_QUEUES_W = 8;
  localparam int CAPS_QUEUE_RING_LOG2_MAX_LSB = 8;
  localparam int CAPS_QUEUE_RING_LOG2_MAX_W = 8;
  localparam int CAPS_QUEUE_FRAME_MAX_LSB = 16;
  localparam int CAPS_QUEUE_FRAME_MAX_W = 16;

  // Crypto core
  localparam logic [15:0] CAPS_CORE = 16'h001c;
  localparam logic [31:0] CAPS_CORE_INIT = 32'h00000000;
  localparam logic [31:0] CAPS_CORE_WMASK = 32'h00000000;
  localparam int CAPS_CORE_LANES_LSB = 0;
  localparam int CAPS_CORE_LANES_W = 8;
  localparam int CAPS_CORE_ENGINES_LSB = 8;
  localparam int CAPS_CORE_ENGINES_W = 8;
  localparam int CAPS_CORE_SBOX_LSB = 16;
  localparam int CAPS_CORE_SBOX_W = 4;
  localparam int CAPS_CORE_GMUL_LSB = 20;
  localparam int CAPS_CORE_GMUL_W = 4;
  localparam int CAPS_CORE_CYCLES_LSB = 24;
  localparam int CAPS_CORE_CYCLES_W = 8;

  // Control
  localparam logic [15:0] CTRL = 16'h0020;
  localparam logic [31:0] CTRL_INIT = 32'h00000000;
  localparam logic [31:0] CTRL_WMASK = 32'h0000007d;
  localparam int CTRL_ENABLE_LSB = 0;
  localparam int CTRL_ENABLE_W = 1;
  localparam int CTRL_OUT_NONIP_BYPASS_LSB = 2;
  localparam int CTRL_OUT_NONIP_BYPASS_W = 1;
  localparam int CTRL_IN_NONIP_BYPASS_LSB = 3;
  localparam int CTRL_IN_NONIP_BYPASS_W = 1;
  localparam int CTRL_OUT_ARP_BYPASS_LSB = 4;
  localparam int CTRL_OUT_ARP_BYPASS_W = 1;
  localparam int CTRL_IN_ARP_BYPASS_LSB = 5;
  localparam int CTRL_IN_ARP_BYPASS_W = 1;
  localparam int CTRL_PROMISC_LSB = 6;
  localparam int CTRL_PROMISC_W = 1;

  // Status
  localparam logic [15:0] STATUS = 16'h0024;
  localparam logic [31:0] STATUS_INIT = 32'h00000000;
  localparam logic [31:0] STATUS_WMASK = 32'h00000000;
  localparam int STATUS_IDLE_LSB = 0;
  localparam int STATUS_IDLE_W = 1;
  localparam int STATUS_INIT_DONE_LSB = 1;
  localparam int STATUS_INIT_DONE_W = 1;

  // Station address
  localparam logic [15:0] MAC_LO = 16'h0028;
  localparam logic [31:0] MAC_LO_INIT = 32'h00000000;
  localparam logic [31:0] MAC_LO_WMASK = 32'hffffffff;
  localparam int MAC_LO_ADDR_LSB = 0;
  localparam int MAC_LO_ADDR_W = 32;

  // Station address
  localparam logic [15:0] MAC_HI = 16'h002c;
  localparam logic [31:0] MAC_HI_INIT = 32'h00000000;
  localparam logic [31:0] MAC_HI_WMASK = 32'h0000ffff;
  localparam int MAC_HI_ADDR_LSB = 0;
  localparam int MAC_HI_ADDR_W = 16;

  // Receive queue choice
  localparam logic [15:0] RSS = 16'h0030;
  localparam logic [31:0] RSS_INIT = 32'h00000000;
  localparam logic [31:0] RSS_WMASK = 32'h000000ff;
  localparam int RSS_QUEUE_MASK_LSB = 0;
  localparam int RSS_QUEUE_MASK_W = 8;

  // Cycle counter
  localparam logic [15:0] CYCLES_LO = 16'h0034;
  localparam logic [31:0] CYCLES_LO_INIT = 32'h00000000;
  localparam logic [31:0] CYCLES_LO_WMASK = 32'h00000000;
  localparam int CYCLES_LO_VALUE_LSB = 0;
  localparam int CYCLES_LO_VALUE_W = 32;

  // Cycle counter
  localparam logic [15:0] CYCLES_HI = 16'h0038;
  localparam logic [31:0] CYCLES_HI_INIT = 32'h00000000;
  localparam logic [31:0] CYCLES_HI_WMASK = 32'h00000000;
  localparam int CYCLES_HI_VALUE_LSB = 0;
  localparam int CYCLES_HI_VALUE_W = 32;

  // Scratch
  localparam logic [15:0] SCRATCH = 16'h003c;
  localparam logic [31:0] SCRATCH_INIT = 32'h00000000;
  localparam logic [31:0] SCRATCH_WMASK = 32'hffffffff;
  localparam int SCRATCH_VALUE_LSB = 0;
  localparam int SCRATCH_VALUE_W = 32;

  // Event queue
  localparam logic [15:0] EVENT_STATUS = 16'h0040;
  localparam logic [31:0] EVENT_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] EVENT_STATUS_WMASK = 32'h00000000;
  localparam int EVENT_STATUS_VALID_LSB = 0;
  localparam int EVENT_STATUS_VALID_W = 1;
  localparam int EVENT_STATUS_COUNT_LSB = 8;
  localparam int EVENT_STATUS_COUNT_W = 8;
  localparam int EVENT_STATUS_LOST_LSB = 16;
  localparam int EVENT_STATUS_LOST_W = 16;

  // Type of the oldest event
  localparam logic [15:0] EVENT_TYPE = 16'h0044;
  localparam logic [31:0] EVENT_TYPE_INIT = 32'h00000000;
  localparam logic [31:0] EVENT_TYPE_WMASK = 32'h00000000;
  localparam int EVENT_TYPE_VALUE_LSB = 0;
  localparam int EVENT_TYPE_VALUE_W = 8;

  // Handle of the oldest event
  localparam logic [15:0] EVENT_HANDLE = 16'h0048;
  localparam logic [31:0] EVENT_HANDLE_INIT = 32'h00000000;
  localparam logic [31:0] EVENT_HANDLE_WMASK = 32'h00000000;
  localparam int EVENT_HANDLE_VALUE_LSB = 0;
  localparam int EVENT_HANDLE_VALUE_W = 32;

  // Detail of the oldest event
  localparam logic [15:0] EVENT_INFO = 16'h004c;
  localparam logic [31:0] EVENT_INFO_INIT = 32'h00000000;
  localparam logic [31:0] EVENT_INFO_WMASK = 32'h00000000;
  localparam int EVENT_INFO_VALUE_LSB = 0;
  localparam int EVENT_INFO_VALUE_W = 32;

  // Event done
  localparam logic [15:0] EVENT_POP = 16'h0050;
  localparam logic [31:0] EVENT_POP_INIT = 32'h00000000;
  localparam logic [31:0] EVENT_POP_WMASK = 32'h00000001;
  localparam int EVENT_POP_POP_LSB = 0;
  localparam int EVENT_POP_POP_W = 1;

  // Management interrupt status
  localparam logic [15:0] IRQ_STATUS = 16'h0054;
  localparam logic [31:0] IRQ_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] IRQ_STATUS_WMASK = 32'h00000000;
  localparam int IRQ_STATUS_EVENT_LSB = 0;
  localparam int IRQ_STATUS_EVENT_W = 1;
  localparam int IRQ_STATUS_LOST_LSB = 1;
  localparam int IRQ_STATUS_LOST_W = 1;

  // Management interrupt enable
  localparam logic [15:0] IRQ_ENABLE = 16'h0058;
  localparam logic [31:0] IRQ_ENABLE_INIT = 32'h00000000;
  localparam logic [31:0] IRQ_ENABLE_WMASK = 32'h00000003;
  localparam int IRQ_ENABLE_EVENT_LSB = 0;
  localparam int IRQ_ENABLE_EVENT_W = 1;
  localparam int IRQ_ENABLE_LOST_LSB = 1;
  localparam int IRQ_ENABLE_LOST_W = 1;

  // Table command
  localparam logic [15:0] TBL_CMD = 16'h0060;
  localparam logic [31:0] TBL_CMD_INIT = 32'h00000000;
  localparam logic [31:0] TBL_CMD_WMASK = 32'hffff0f0f;
  localparam int TBL_CMD_OP_LSB = 0;
  localparam int TBL_CMD_OP_W = 4;
  localparam int TBL_CMD_TABLE_LSB = 8;
  localparam int TBL_CMD_TABLE_W = 4;
  localparam int TBL_CMD_INDEX_LSB = 16;
  localparam int TBL_CMD_INDEX_W = 16;

  // Table status
  localparam logic [15:0] TBL_STATUS = 16'h0064;
  localparam logic [31:0] TBL_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] TBL_STATUS_WMASK = 32'h00000000;
  localparam int TBL_STATUS_BUSY_LSB = 0;
  localparam int TBL_STATUS_BUSY_W = 1;
  localparam int TBL_STATUS_RESULT_LSB = 4;
  localparam int TBL_STATUS_RESULT_W = 4;

  // Longest policy walk
  localparam logic [15:0] SPD_MISS_CYCLES = 16'h0068;
  localparam logic [31:0] SPD_MISS_CYCLES_INIT = 32'h00000000;
  localparam logic [31:0] SPD_MISS_CYCLES_WMASK = 32'h00000000;
  localparam int SPD_MISS_CYCLES_VALUE_LSB = 0;
  localparam int SPD_MISS_CYCLES_VALUE_W = 16;

  // Flow cache hits
  localparam logic [15:0] SPD_HITS = 16'h006c;
  localparam logic [31:0] SPD_HITS_INIT = 32'h00000000;
  localparam logic [31:0] SPD_HITS_WMASK = 32'h00000000;
  localparam int SPD_HITS_VALUE_LSB = 0;
  localparam int SPD_HITS_VALUE_W = 32;

  // Flow cache misses
  localparam logic [15:0] SPD_MISSES = 16'h0070;
  localparam logic [31:0] SPD_MISSES_INIT = 32'h00000000;
  localparam logic [31:0] SPD_MISSES_WMASK = 32'h00000000;
  localparam int SPD_MISSES_VALUE_LSB = 0;
  localparam int SPD_MISSES_VALUE_W = 32;

  // Key install time
  localparam logic [15:0] INSTALL_CYCLES = 16'h0074;
  localparam logic [31:0] INSTALL_CYCLES_INIT = 32'h00000000;
  localparam logic [31:0] INSTALL_CYCLES_WMASK = 32'h00000000;
  localparam int INSTALL_CYCLES_VALUE_LSB = 0;
  localparam int INSTALL_CYCLES_VALUE_W = 16;

  // Table data
  localparam logic [15:0] TBL_DATA = 16'h0100;
  localparam logic [31:0] TBL_DATA_INIT = 32'h00000000;
  localparam logic [31:0] TBL_DATA_WMASK = 32'hffffffff;
  localparam int TBL_DATA_VALUE_LSB = 0;
  localparam int TBL_DATA_VALUE_W = 32;
  localparam int TBL_DATA_COUNT = 32;

  // Queue pair: 16 of them, offsets within one
  localparam logic [15:0] Q_BASE = 16'h1000;
  localparam logic [15:0] Q_STRIDE = 16'h0100;

  // Transmit control
  localparam logic [15:0] Q_TX_CTRL = 16'h0000;
  localparam logic [31:0] Q_TX_CTRL_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_CTRL_WMASK = 32'h00000003;
  localparam int Q_TX_CTRL_ENABLE_LSB = 0;
  localparam int Q_TX_CTRL_ENABLE_W = 1;
  localparam int Q_TX_CTRL_RESET_LSB = 1;
  localparam int Q_TX_CTRL_RESET_W = 1;

  // Transmit status
  localparam logic [15:0] Q_TX_STATUS = 16'h0004;
  localparam logic [31:0] Q_TX_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_STATUS_WMASK = 32'h00000000;
  localparam int Q_TX_STATUS_BUSY_LSB = 0;
  localparam int Q_TX_STATUS_BUSY_W = 1;
  localparam int Q_TX_STATUS_ERROR_LSB = 1;
  localparam int Q_TX_STATUS_ERROR_W = 1;

  // Transmit descriptor ring
  localparam logic [15:0] Q_TX_RING_LO = 16'h0008;
  localparam logic [31:0] Q_TX_RING_LO_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_RING_LO_WMASK = 32'hffffffc0;
  localparam int Q_TX_RING_LO_ADDR_LSB = 6;
  localparam int Q_TX_RING_LO_ADDR_W = 26;

  // Transmit descriptor ring
  localparam logic [15:0] Q_TX_RING_HI = 16'h000c;
  localparam logic [31:0] Q_TX_RING_HI_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_RING_HI_WMASK = 32'hffffffff;
  localparam int Q_TX_RING_HI_ADDR_LSB = 0;
  localparam int Q_TX_RING_HI_ADDR_W = 32;

  // Transmit ring size
  localparam logic [15:0] Q_TX_SIZE = 16'h0010;
  localparam logic [31:0] Q_TX_SIZE_INIT = 32'h00000003;
  localparam logic [31:0] Q_TX_SIZE_WMASK = 32'h0000000f;
  localparam int Q_TX_SIZE_LOG2_LSB = 0;
  localparam int Q_TX_SIZE_LOG2_W = 4;

  // Transmit completion ring
  localparam logic [15:0] Q_TX_CPL_LO = 16'h0014;
  localparam logic [31:0] Q_TX_CPL_LO_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_CPL_LO_WMASK = 32'hffffffc0;
  localparam int Q_TX_CPL_LO_ADDR_LSB = 6;
  localparam int Q_TX_CPL_LO_ADDR_W = 26;

  // Transmit completion ring
  localparam logic [15:0] Q_TX_CPL_HI = 16'h0018;
  localparam logic [31:0] Q_TX_CPL_HI_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_CPL_HI_WMASK = 32'hffffffff;
  localparam int Q_TX_CPL_HI_ADDR_LSB = 0;
  localparam int Q_TX_CPL_HI_ADDR_W = 32;

  // Transmit doorbell
  localparam logic [15:0] Q_TX_TAIL = 16'h001c;
  localparam logic [31:0] Q_TX_TAIL_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_TAIL_WMASK = 32'h0000ffff;
  localparam int Q_TX_TAIL_INDEX_LSB = 0;
  localparam int Q_TX_TAIL_INDEX_W = 16;

  // Transmit descriptors fetched
  localparam logic [15:0] Q_TX_HEAD = 16'h0020;
  localparam logic [31:0] Q_TX_HEAD_INIT = 32'h00000000;
  localparam logic [31:0] Q_TX_HEAD_WMASK = 32'h00000000;
  localparam int Q_TX_HEAD_INDEX_LSB = 0;
  localparam int Q_TX_HEAD_INDEX_W = 16;

  // Receive control
  localparam logic [15:0] Q_RX_CTRL = 16'h0040;
  localparam logic [31:0] Q_RX_CTRL_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_CTRL_WMASK = 32'h00000003;
  localparam int Q_RX_CTRL_ENABLE_LSB = 0;
  localparam int Q_RX_CTRL_ENABLE_W = 1;
  localparam int Q_RX_CTRL_RESET_LSB = 1;
  localparam int Q_RX_CTRL_RESET_W = 1;

  // Receive status
  localparam logic [15:0] Q_RX_STATUS = 16'h0044;
  localparam logic [31:0] Q_RX_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_STATUS_WMASK = 32'h00000000;
  localparam int Q_RX_STATUS_BUSY_LSB = 0;
  localparam int Q_RX_STATUS_BUSY_W = 1;
  localparam int Q_RX_STATUS_ERROR_LSB = 1;
  localparam int Q_RX_STATUS_ERROR_W = 1;

  // Receive descriptor ring
  localparam logic [15:0] Q_RX_RING_LO = 16'h0048;
  localparam logic [31:0] Q_RX_RING_LO_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_RING_LO_WMASK = 32'hffffffc0;
  localparam int Q_RX_RING_LO_ADDR_LSB = 6;
  localparam int Q_RX_RING_LO_ADDR_W = 26;

  // Receive descriptor ring
  localparam logic [15:0] Q_RX_RING_HI = 16'h004c;
  localparam logic [31:0] Q_RX_RING_HI_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_RING_HI_WMASK = 32'hffffffff;
  localparam int Q_RX_RING_HI_ADDR_LSB = 0;
  localparam int Q_RX_RING_HI_ADDR_W = 32;

  // Receive ring size
  localparam logic [15:0] Q_RX_SIZE = 16'h0050;
  localparam logic [31:0] Q_RX_SIZE_INIT = 32'h00000003;
  localparam logic [31:0] Q_RX_SIZE_WMASK = 32'h0000000f;
  localparam int Q_RX_SIZE_LOG2_LSB = 0;
  localparam int Q_RX_SIZE_LOG2_W = 4;

  // Receive completion ring
  localparam logic [15:0] Q_RX_CPL_LO = 16'h0054;
  localparam logic [31:0] Q_RX_CPL_LO_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_CPL_LO_WMASK = 32'hffffffc0;
  localparam int Q_RX_CPL_LO_ADDR_LSB = 6;
  localparam int Q_RX_CPL_LO_ADDR_W = 26;

  // Receive completion ring
  localparam logic [15:0] Q_RX_CPL_HI = 16'h0058;
  localparam logic [31:0] Q_RX_CPL_HI_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_CPL_HI_WMASK = 32'hffffffff;
  localparam int Q_RX_CPL_HI_ADDR_LSB = 0;
  localparam int Q_RX_CPL_HI_ADDR_W = 32;

  // Receive doorbell
  localparam logic [15:0] Q_RX_TAIL = 16'h005c;
  localparam logic [31:0] Q_RX_TAIL_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_TAIL_WMASK = 32'h0000ffff;
  localparam int Q_RX_TAIL_INDEX_LSB = 0;
  localparam int Q_RX_TAIL_INDEX_W = 16;

  // Receive descriptors fetched
  localparam logic [15:0] Q_RX_HEAD = 16'h0060;
  localparam logic [31:0] Q_RX_HEAD_INIT = 32'h00000000;
  localparam logic [31:0] Q_RX_HEAD_WMASK = 32'h00000000;
  localparam int Q_RX_HEAD_INDEX_LSB = 0;
  localparam int Q_RX_HEAD_INDEX_W = 16;

  // Transmit completion coalescing
  localparam logic [15:0] Q_TX_COAL = 16'h0080;
  localparam logic [31:0] Q_TX_COAL_INIT = 32'h00002004;
  localparam logic [31:0] Q_TX_COAL_WMASK = 32'hffffffff;
  localparam int Q_TX_COAL_COUNT_LSB = 0;
  localparam int Q_TX_COAL_COUNT_W = 8;
  localparam int Q_TX_COAL_TIME_LSB = 8;
  localparam int Q_TX_COAL_TIME_W = 24;

  // Receive completion coalescing
  localparam logic [15:0] Q_RX_COAL = 16'h0084;
  localparam logic [31:0] Q_RX_COAL_INIT = 32'h00002004;
  localparam logic [31:0] Q_RX_COAL_WMASK = 32'hffffffff;
  localparam int Q_RX_COAL_COUNT_LSB = 0;
  localparam int Q_RX_COAL_COUNT_W = 8;
  localparam int Q_RX_COAL_TIME_LSB = 8;
  localparam int Q_RX_COAL_TIME_W = 24;

  // Interrupt coalescing
  localparam logic [15:0] Q_IRQ_COAL = 16'h0088;
  localparam logic [31:0] Q_IRQ_COAL_INIT = 32'h00000001;
  localparam logic [31:0] Q_IRQ_COAL_WMASK = 32'hffffffff;
  localparam int Q_IRQ_COAL_COUNT_LSB = 0;
  localparam int Q_IRQ_COAL_COUNT_W = 8;
  localparam int Q_IRQ_COAL_TIME_LSB = 8;
  localparam int Q_IRQ_COAL_TIME_W = 24;

  // Interrupt status of the pair
  localparam logic [15:0] Q_IRQ_STATUS = 16'h008c;
  localparam logic [31:0] Q_IRQ_STATUS_INIT = 32'h00000000;
  localparam logic [31:0] Q_IRQ_STATUS_WMASK = 32'h00000000;
  localparam int Q_IRQ_STATUS_TX_LSB = 0;
  localparam int Q_IRQ_STATUS_TX_W = 1;
  localparam int Q_IRQ_STATUS_RX_LSB = 1;
  localparam int Q_IRQ_STATUS_RX_W = 1;
  localparam int Q_IRQ_STATUS_ERROR_LSB = 2;
  localparam int Q_IRQ_STATUS_ERROR_W = 1;

  // Interrupt enable of the pair
  localparam logic [15:0] Q_IRQ_ENABLE = 16'h0090;
  localparam logic [31:0] Q_IRQ_ENABLE_INIT = 32'h00000000;
  localparam logic [31:0] Q_IRQ_ENABLE_WMASK = 32'h00000007;
  localparam int Q_IRQ_ENABLE_TX_LSB = 0;
  localparam int Q_IRQ_ENABLE_TX_W = 1;
  localparam int Q_IRQ_ENABLE_RX_LSB = 1;
  localparam int Q_IRQ_ENABLE_RX_W = 1;
  localparam int Q_IRQ_ENABLE_ERROR_LSB = 2;
  localparam int Q_IRQ_ENABLE_ERROR_W = 1;

  /* verilator lint_on UNUSEDPARAM */
endpackage
