"""For tests: the stand-in for libcuda as ctypes sees it, and a consumer of DLPack in a few lines.

$LD_LIBRARY_PATH makes it the process's libcuda.so.1, so that nothing in the package knows of
it. Its device memory is host memory: what a tensor's address holds can be looked at.
"""
import ctypes

_FAULTS = ("driver_error", "register_error", "buffer_error", "fail_nth", "fail_code", "short_nth",
           "submit_errors", "status_errors", "memory_error", "event_error", "lost",
           "copy_delay_us", "waiting_looks", "engines", "refuses_flags", "transfers",
           "under_way", "most_under_way",
           "handles", "buffers")
DRIVER = ctypes.CDLL("libcuda.so.1")


class Faults(ctypes.Structure):
    """As shim/stand_in.h has it."""

    _fields_ = [(name, ctypes.c_int) for name in _FAULTS]

    def reset(self):
        for name in _FAULTS[:_FAULTS.index("transfers") + 1]:
            setattr(self, name, 0)


DRIVER.stand_in_faults.restype = ctypes.POINTER(Faults)
FAULTS = DRIVER.stand_in_faults().contents


class Stream:
    """A stream of the driver's, as a consumer has one."""

    def __init__(self):
        context = ctypes.c_void_p()  # the primary one: in a program, PyTorch's
        assert DRIVER.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
        assert DRIVER.cuCtxSetCurrent(context) == 0
        self._handle = ctypes.c_void_p()
        assert DRIVER.cuStreamCreate(ctypes.byref(self._handle), 1) == 0

    def __int__(self):
        return self._handle.value

    def synchronize(self):
        assert DRIVER.cuStreamSynchronize(self._handle) == 0

    def close(self):
        DRIVER.cuStreamDestroy_v2(self._handle)
        DRIVER.cuDevicePrimaryCtxRelease_v2(0)


class _Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32),
                ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8),
                ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("byte_offset", ctypes.c_uint64)]


class _Managed(ctypes.Structure):
    pass


_Managed._fields_ = [("tensor", _Tensor), ("context", ctypes.c_void_p),
                     ("deleter", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Managed)))]
_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_rename = ctypes.pythonapi.PyCapsule_SetName
_rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
_USED = b"used_dltensor"  # kept here: a capsule borrows its name


class Consumer:
    """Takes a tensor over, as torch does, and gives it back when it is closed."""

    _managed = None

    def __init__(self, tensor, stream):
        capsule = tensor.__dlpack__(stream=stream)
        address = _pointer_of(capsule, b"dltensor")
        self._managed = ctypes.cast(address, ctypes.POINTER(_Managed))
        _rename(capsule, _USED)
        of = self._managed.contents.tensor
        self.device = of.device_type, of.device_id
        self.kind = of.code, of.bits, of.lanes
        self.shape = tuple(of.shape[axis] for axis in range(of.ndim))
        self._address = of.data + of.byte_offset

    def bytes(self):
        size = self.kind[1] // 8
        for length in self.shape:
            size *= length
        return ctypes.string_at(self._address, size)

    @property
    def address(self):
        return self._address

    def close(self):
        managed, self._managed = self._managed, None
        if managed is not None:
            managed.contents.deleter(managed)

    __del__ = close
