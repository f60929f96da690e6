echo "it is $(date -u +%FT%TZ), and all is well"
