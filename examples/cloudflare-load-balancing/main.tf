variable "account_id" {
  type = string
}

# Monitors send their requests to the origins themselves, so each origin forwards this path to us: see origin.conf.
resource "cloudflare_load_balancer_monitor" "parallax" {
  account_id     = var.account_id
  description    = "Parallax: may traffic go there?"
  type           = "https"
  method         = "GET"
  path           = "/parallax"
  expected_codes = "200"
  interval       = 60
  timeout        = 5
  retries        = 2
}

resource "cloudflare_load_balancer_pool" "web" {
  account_id = var.account_id
  name       = "web"
  monitor    = cloudflare_load_balancer_monitor.parallax.id

  origins = [
    { name = "web-1", address = "192.0.2.1", enabled = true },
    { name = "web-2", address = "192.0.2.2", enabled = true },
  ]
}
