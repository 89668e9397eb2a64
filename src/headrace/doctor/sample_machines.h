// For tests: machines as fixture lines. None is a copy of a real one.
#pragma once

#include <string>

namespace headrace::doctor {

// An XFS on one NVMe drive at /data, all as it should be.
inline const std::string k_nvme_machine = R"(
proc/self/mountinfo: 1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
2 1 259:0 / /data rw,relatime - xfs /dev/nvme0n1 rw
proc/self/limits: Max open files            65536                65536                files\n\
Max locked memory         unlimited            unlimited            bytes
proc/self/status: Cpus_allowed_list:\t0-3\nMems_allowed_list:\t0
sys/devices/pci0/0000:01:00.0/class: 0x010802
sys/devices/pci0/0000:01:00.0/vendor: 0x144d
sys/devices/pci0/0000:01:00.0/numa_node: 0
sys/devices/pci0/0000:01:00.0/uevent: DRIVER=nvme\nPCI_SLOT_NAME=0000:01:00.0
sys/devices/pci0/0000:01:00.0/current_link_speed: 16.0 GT/s PCIe
sys/devices/pci0/0000:01:00.0/max_link_speed: 16.0 GT/s PCIe
sys/devices/pci0/0000:01:00.0/current_link_width: 4
sys/devices/pci0/0000:01:00.0/max_link_width: 4
sys/devices/pci0/0000:01:00.0/aer_dev_correctable: RxErr 0\nTOTAL_ERR_COR 0
sys/devices/pci0/0000:01:00.0/aer_dev_fatal: TOTAL_ERR_FATAL 0
sys/devices/pci0/0000:01:00.0/nvme/nvme0/model: MODEL 9000
sys/devices/pci0/0000:01:00.0/nvme/nvme0/state: live
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/dev: 259:0
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/uevent: MAJOR=259\n\
MINOR=0\nDEVNAME=nvme0n1\nDEVTYPE=disk
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/device -> ..
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/scheduler: [none] mq-deadline
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/read_ahead_kb: 4096
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/max_sectors_kb: 1280
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/max_hw_sectors_kb: 2048
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/nr_requests: 1023
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/rotational: 0
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/rq_affinity: 1
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/queue/io_poll: 0
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/mq/0/cpu_list: 0, 1
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/mq/1/cpu_list: 2, 3
sys/devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1/stat: 0 0 0 0 0 0 0 0 0 0 0
sys/class/block/nvme0n1 -> ../../devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1
sys/dev/block/259:0 -> ../../devices/pci0/0000:01:00.0/nvme/nvme0/nvme0n1
sys/class/nvme/nvme0 -> ../../devices/pci0/0000:01:00.0/nvme/nvme0
)";

// An NFS 4.2 mount at /data by eth0.
inline const std::string k_nfs_machine = R"(
proc/self/mountinfo: 1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
2 1 0:44 / /data rw,noatime - nfs4 10.0.0.7:/export \
rw,vers=4.2,rsize=1048576,wsize=1048576,proto=tcp,\
nconnect=8,hard,nocto,acregmin=600,acregmax=600,addr=10.0.0.7
proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
eth1 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n\
eth0 0000000A 00000000 0001 0 0 0 00FFFFFF 0 0 0
sys/class/net/eth0/speed: 100000
sys/class/net/eth0/mtu: 9000
sys/class/bdi/0:44/read_ahead_kb: 15360
proc/sys/net/ipv4/tcp_rmem: 4096 131072 33554432
)";

}  // namespace headrace::doctor
