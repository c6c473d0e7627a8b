package io.lockstep.agent.scan;

import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Finding;
import io.lockstep.digest.StampTable;
import java.util.Arrays;

/** A previous scan's stamps alone, for one thread: whoever has the findings compares digests and errors. */
record KnownTable(StampTable table, StampTable.Lookup lookup) implements Known {
    KnownTable(StampTable table) {
        this(table, table.lookup());
    }

    @Override
    public Known forThread() {
        return new KnownTable(table);
    }

    @Override
    public int size() {
        return table.size();
    }

    @Override
    public int indexOf(byte[] buffer, int length) {
        return lookup.indexOf(buffer, length);
    }

    @Override
    public boolean isReusable(int index, long scanStartNanos, long racyWindowNanos) {
        return table.isFile(index) && !Stamp.isRacy(table.lastChangeNanos(index), scanStartNanos, racyWindowNanos);
    }

    @Override
    public boolean isFileAs(int index, StatBuffer now) {
        return table.isFile(index) && isAs(index, now);
    }

    @Override
    public boolean isDirectoryAs(int index, StatBuffer now) {
        return table.isDirectory(index) && isAs(index, now);
    }

    private boolean isAs(int index, StatBuffer now) {
        return table.mode(index) == now.mode()
                && table.hasStamp(index, now.sizeBytes(), now.mtimeNanos(), now.ctimeNanos(), now.inode());
    }

    @Override
    public boolean isExactly(int index, Finding found) {
        return false;
    }

    @Override
    public EntryPath path(int index, byte[] buffer, int length) {
        return EntryPath.ofBytes(Arrays.copyOf(buffer, length));
    }
}
