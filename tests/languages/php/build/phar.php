<?php

$phar = new Phar('easter.phar');
$phar->buildFromDirectory(dirname(__DIR__) . '/src');
$phar->setStub("#!/usr/bin/env php\n" . $phar->createDefaultStub('main.php'));
chmod('easter.phar', 0755);
