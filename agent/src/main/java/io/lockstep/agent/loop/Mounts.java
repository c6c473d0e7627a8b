package io.lockstep.agent.loop;

import io.lockstep.mount.MountTable;
import java.io.IOException;

/** The table of what is mounted where. It is the kernel's own, so the control thread may ask while a mount hangs. */
public interface Mounts {
    /**
     * The table now.
     *
     * @throws IOException when it can't be read, or is none
     */
    MountTable read() throws IOException;
}
