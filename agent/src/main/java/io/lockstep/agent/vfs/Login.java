package io.lockstep.agent.vfs;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the agent logs in to a server, and by which keys it knows the server. There is no way to do without the latter: a
 * server that anybody can pose as could take every artifact, and could plant any.
 *
 * @param privateKey a file with a private key, OpenSSH's or PEM
 * @param passphrase of that key
 * @param password for servers that take no key
 * @param knownHosts a file of host keys, as sshd(8) describes it under SSH_KNOWN_HOSTS FILE FORMAT
 */
public record Login(
        Optional<Path> privateKey, Optional<Secret> passphrase, Optional<Secret> password, Path knownHosts) {
    public Login {
        if (privateKey.isEmpty() && password.isEmpty()) {
            throw new IllegalArgumentException("a login has a private key or a password");
        }
    }
}
