"""Questions in, cited answers out, over HTTP and on the command line."""

import os

# litellm fetches its price list from the network when it is imported, unless it is told not to.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
# … and it reads a .env file of the folder that it is started in.
os.environ["LITELLM_MODE"] = "PRODUCTION"
