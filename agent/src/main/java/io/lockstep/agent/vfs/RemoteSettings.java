package io.lockstep.agent.vfs;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Which directory of which server a tree's share is. Plain values, so that another process can be told them.
 *
 * @param tree the tree's name
 * @param uri {@code sftp://user@host:port/directory}, {@code file:///directory}, or {@code ram:///directory} within one
 *     process; has no password
 * @param credentials the file of {@link LoginFile}; empty where nothing logs in
 * @param deadline within this every call has its answer or is given up
 */
public record RemoteSettings(String tree, URI uri, Optional<Path> credentials, Duration deadline) {}
