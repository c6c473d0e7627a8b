package io.lockstep.agent.vfs;

import org.apache.commons.vfs2.FileObject;

/** A file object that can do what VFS has no call for, without the guesses that VFS makes when a server fails. */
interface ExactFile {
    /** What the server says of it; a link is not followed. */
    RemoteLook look() throws Exception;

    /** Whether {@link #renameTo} replaces what has the other name, in one step. */
    boolean canReplace() throws Exception;

    /** Whether {@link #linkTo} is there. */
    boolean canLink() throws Exception;

    /** Gives it another name. */
    void renameTo(FileObject other) throws Exception;

    /** Gives it a second name; fails where something has that name already. */
    void linkTo(FileObject other) throws Exception;

    /** Sets permission bits and the time of the last change. */
    void setAttributes(int mode, long mtimeSeconds) throws Exception;

    /** Sets permission bits. */
    void setMode(int mode) throws Exception;

    /** Makes it a directory; fails when something is there. */
    void makeDirectory() throws Exception;

    /** Removes a file, a link or the like; never a directory. */
    void removeFile() throws Exception;

    /** Removes an empty directory. */
    void removeDirectory() throws Exception;
}
