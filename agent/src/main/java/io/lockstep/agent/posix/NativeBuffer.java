package io.lockstep.agent.posix;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the Java heap that calls read from and write to without a copy, freed by {@link #close()} and not by
 * the garbage collector's leisure. For one thread at a time; never used again once closed.
 */
public final class NativeBuffer implements AutoCloseable {
    private final Memory memory;
    private final ByteBuffer bytes;
    private final long address;

    /** A buffer of {@code sizeBytes}, 1 or more. */
    public NativeBuffer(int sizeBytes) {
        memory = new Memory(sizeBytes);
        bytes = memory.getByteBuffer(0, sizeBytes).order(ByteOrder.nativeOrder());
        address = Pointer.nativeValue(memory);
    }

    /** The content, in the processor's byte order. */
    public ByteBuffer bytes() {
        return bytes;
    }

    public int sizeBytes() {
        return bytes.capacity();
    }

    long address() {
        return address;
    }

    @Override
    public void close() {
        memory.close();
    }
}
