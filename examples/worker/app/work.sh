# A real worker asks the queue; this one shows that it runs.
echo "working on $QUEUE_URL"
while true; do sleep 1; done
