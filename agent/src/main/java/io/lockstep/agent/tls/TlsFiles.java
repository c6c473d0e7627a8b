package io.lockstep.agent.tls;

import java.nio.file.Path;

/**
 * The three PEM files of a node.
 *
 * @param caCertificate one or more certificates of authorities that issue the members' certificates
 * @param certificate the node's certificate first, then intermediate ones if there are any
 * @param privateKey the node's unencrypted key: PKCS#8 ({@code PRIVATE KEY}), or the older {@code EC PRIVATE KEY}
 */
public record TlsFiles(Path caCertificate, Path certificate, Path privateKey) {}
