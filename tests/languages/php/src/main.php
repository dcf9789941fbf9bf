<?php

require_once __DIR__ . '/Year.php';

echo (new Calendar\Year((int) ($argv[1] ?? date('Y'))))->easter(), "\n";
