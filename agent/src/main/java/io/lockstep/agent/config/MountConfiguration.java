package io.lockstep.agent.config;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;

/**
 * Which mount a tree's share is on, as {@code findmnt} shows it.
 *
 * @param point the mountpoint; the share is that directory or lies below it
 * @param type the file system's type; {@code nfs} stands for {@code nfs4} too, {@code cifs} for {@code smb3},
 *     {@code fuse} for every FUSE file system, and {@code glusterfs} or {@code sshfs} for {@code fuse.glusterfs},
 *     {@code fuse.sshfs} and the like
 * @param source what is mounted there
 */
public record MountConfiguration(
        @NotNull Path point, @NotNull String type, @NotNull String source) {}
